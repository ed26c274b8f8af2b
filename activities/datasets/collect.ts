import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { Rejections, UniqueRecords } from '../../src/records/collect.js';
import { Digests } from '../../src/records/digests.js';
import type { PageResult } from '../../src/records/page-reader.js';
import { TimestampUnits } from '../../src/records/timestamp-units.js';
import type { BuildDatasetsInput } from '../contract.js';
import { finalFailure } from '../failures.js';
import type { ActivityServices } from '../services.js';
import type { Readers } from './readers.js';

/** What is known of the records after the pass over the store. */
export interface Collected {
  read: number;
  rejections: Rejections;
  digests: Digests;
  unique: UniqueRecords;
  units: TimestampUnits;
}

/** The pass over the store: pages of it to the reader threads, digests back from them. */
export async function collect(
  { logs }: ActivityServices,
  readers: Readers,
  input: BuildDatasetsInput,
): Promise<Collected> {
  const { workloadId, clientId, split } = input;
  const digests = new Digests();
  const collected: Collected = {
    read: 0,
    rejections: new Rejections(),
    digests,
    unique: new UniqueRecords(digests),
    units: new TimestampUnits(),
  };
  const take = (result: PageResult) => {
    add(collected, result);
    heartbeat({ records: collected.read });
  };
  for await (const page of logs.export({ workloadId, clientId, signal: cancellationSignal() }))
    await readers.read(page, take);
  await readers.end();
  if (collected.read < split.minTotalRecords) throw await tooFewRecords(logs, input, collected.read);
  return collected;
}

function add(collected: Collected, { read, rejected, units, digests }: PageResult): void {
  const first = collected.digests.length;
  collected.read += read;
  collected.rejections.merge(rejected);
  collected.units.merge(units);
  collected.digests.append(digests);
  for (let record = first; record < collected.digests.length; record++) collected.unique.add(record);
}

async function tooFewRecords(logs: ActivityServices['logs'], input: BuildDatasetsInput, found: number) {
  const { split, clientId, workloadId } = input;
  const known =
    found > 0 ? [] : (await logs.workloads()).filter((workload) => workload.clientId === clientId);
  const names = known.map((workload) => `${workload.workloadId} (${workload.records})`);
  const hint =
    names.length > 0
      ? ` Client ${clientId} has no workload ${workloadId}, but has: ${names.join(', ')}.`
      : '';
  return finalFailure(
    'TooFewRecords',
    `Not enough records found for the given workload. A minimum of ${split.minTotalRecords} records is required, but ` +
      `only ${found} were found.${hint}`,
  );
}

export function tooFewValid(
  { split }: BuildDatasetsInput,
  { read, rejections, unique }: Collected,
  valid: number,
) {
  const limited =
    split.limit !== null && split.limit < split.minTotalRecords ? ` limit is ${split.limit}.` : '';
  return finalFailure(
    'TooFewRecords',
    `Insufficient valid records. Found ${valid} but need ${split.minTotalRecords}.${limited} Total records: ${read}, ` +
      `duplicates: ${unique.duplicates}, left out: ${rejections.summary()}. Please provide more valid records.`,
  );
}
