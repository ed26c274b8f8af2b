import { Rejections, UniqueRecords } from '../records/collect.js';
import { Digests } from '../records/digests.js';
import type { PageResult } from '../records/page-reader.js';
import { TimestampUnits } from '../records/timestamp-units.js';
import type { Readers } from './readers.js';
import type { DatasetRequest, DatasetServices, Watch } from './request.js';
import { tooFewRead } from './too-few-records.js';

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
  { logs }: Pick<DatasetServices, 'logs'>,
  readers: Readers,
  request: DatasetRequest,
  { signal, onProgress }: Watch,
): Promise<Collected> {
  const { workloadId, clientId, split } = request;
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
    onProgress({ records: collected.read });
  };
  for await (const page of logs.export({ workloadId, clientId, signal })) await readers.read(page, take);
  await readers.end();
  if (collected.read < split.minTotalRecords)
    throw tooFewRead(request, collected.read, collected.read > 0 ? [] : await logs.workloads(), logs);
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
