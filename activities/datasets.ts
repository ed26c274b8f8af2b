import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { datasetNames, runProject } from '../src/ids.js';
import type { LocalFile } from '../src/nemo/data-store.js';
import { Rejections, UniqueRecords } from '../src/records/collect.js';
import { digestOf, type Digest } from '../src/records/digest.js';
import { seedFrom } from '../src/records/random.js';
import { readRecord } from '../src/records/read-record.js';
import { type Slice, slicesOf, workloadTypeOf } from '../src/records/slices.js';
import { type Split, SplitError, splitRecords } from '../src/records/split.js';
import { TimestampUnits } from '../src/records/timestamp-units.js';
import type { DatasetRef, DatasetRole, Funnel } from '../src/run-record.js';
import { beating } from './beating.js';
import type { Activities, BuildDatasetsInput, BuiltDatasets } from './contract.js';
import { InContextFiles, writeEvaluationFile, writeTrainingFile } from './dataset-files.js';
import { type ExampleOrder, exampleOrder } from './example-order.js';
import { finalFailure } from './failures.js';
import type { ActivityServices } from './services.js';
import { Spool } from './spool.js';

const HEARTBEAT_EVERY = 100;

/**
 * Builds a run's datasets: one pass over the store into a private spool, in memory only what tells records apart, then
 * one pass over the spool into the files, then the upload. A new attempt starts over and replaces what it finds.
 */
export function createDatasetActivities(services: ActivityServices): Pick<Activities, 'buildDatasets'> {
  return {
    async buildDatasets(input) {
      const spool = await Spool.create(services.spoolDir);
      try {
        return await build(services, spool, input);
      } catch (error) {
        // Where a cancellation met a transfer, the transfer's own error says nothing.
        cancellationSignal().throwIfAborted();
        if (error instanceof SplitError) throw finalFailure('InvalidSplit', error.message);
        throw error;
      } finally {
        await spool.remove();
      }
    },
  };
}

async function build(
  services: ActivityServices,
  spool: Spool,
  input: BuildDatasetsInput,
): Promise<BuiltDatasets> {
  const collected = await collect(services, spool, input);
  const { kept, beyondLimit } = collected.unique.newest(input.split.limit);
  if (kept.length < input.split.minTotalRecords) throw tooFewValid(input, collected, kept.length);
  const seed = input.split.randomSeed ?? seedFrom(input.runId);
  const { evalSize, valRatio } = input.split;
  const split = splitRecords(kept, { evalSize, valRatio, seed });
  const workloadType = workloadTypeOf(kept, input.evaluation.workloadType);
  const slices = slicesOf(split.evaluation, workloadType);
  const order = await exampleOrder(services, split, input.icl, seed, (row) => spool.read(row));
  const files = await writeFiles(spool, slices, split, order, input);
  const datasets = await beating({ uploading: input.runId }, upload(services, files, split, input));
  return {
    ...datasets,
    workloadType,
    slices: slices.map(({ rows, ...slice }) => ({ ...slice, rows: rows.length })),
    funnel: funnelOf(collected, split, beyondLimit, seed),
    warnings: [...collected.units.warnings(), ...split.warnings, ...files.warnings],
  };
}

interface Collected {
  read: number;
  rejections: Rejections;
  unique: UniqueRecords;
  units: TimestampUnits;
}

/** The pass over the store. */
async function collect(
  { logs }: ActivityServices,
  spool: Spool,
  input: BuildDatasetsInput,
): Promise<Collected> {
  const { workloadId, clientId, split, evaluation } = input;
  const options = { ...evaluation, parseFunctionArguments: split.parseFunctionArguments };
  const collected = {
    read: 0,
    rejections: new Rejections(),
    unique: new UniqueRecords(),
    units: new TimestampUnits(),
  };
  for await (const { id, record } of logs.export({ workloadId, clientId, signal: cancellationSignal() })) {
    if (++collected.read % HEARTBEAT_EVERY === 0) heartbeat({ records: collected.read });
    collected.units.add(record);
    const read = readRecord(record, options);
    if ('rejected' in read) {
      collected.rejections.add(read.rejected, id);
      continue;
    }
    const { offset, length } = await spool.append(read.record);
    collected.unique.add(digestOf(read.record, offset, length));
  }
  if (collected.read < split.minTotalRecords) throw await tooFewRecords(logs, input, collected.read);
  return collected;
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

function tooFewValid({ split }: BuildDatasetsInput, { read, rejections, unique }: Collected, valid: number) {
  const limited =
    split.limit !== null && split.limit < split.minTotalRecords ? ` limit is ${split.limit}.` : '';
  return finalFailure(
    'TooFewRecords',
    `Insufficient valid records. Found ${valid} but need ${split.minTotalRecords}.${limited} Total records: ${read}, ` +
      `duplicates: ${unique.duplicates}, left out: ${rejections.summary()}. Please provide more valid records.`,
  );
}

interface Files {
  evaluation: LocalFile[];
  inContext: LocalFile[];
  training: LocalFile[];
  warnings: string[];
}

/** The pass over the spool. */
async function writeFiles(
  spool: Spool,
  slices: Slice[],
  split: Split,
  order: ExampleOrder,
  input: BuildDatasetsInput,
): Promise<Files> {
  const files: Files = { evaluation: [], inContext: [], training: [], warnings: order.warnings };
  const inContext = new InContextFiles(spool, order, input.icl);
  for (const slice of slices) {
    files.evaluation.push(await writeEvaluationFile(spool, slice, input));
    files.inContext.push(await inContext.write(slice, input));
  }
  files.training.push(await writeTrainingFile(spool, 'training/train_data.jsonl', split.training));
  if (split.validation.length > 0)
    files.training.push(await writeTrainingFile(spool, 'validation/val_data.jsonl', split.validation));
  if (inContext.rowsWithoutEnough > 0)
    files.warnings.push(
      `${inContext.rowsWithoutEnough} in-context rows have fewer than ${input.icl.minExamples} examples: no more fit ` +
        'into icl_config.max_context_length',
    );
  return files;
}

async function upload({ nemo }: ActivityServices, files: Files, split: Split, input: BuildDatasetsInput) {
  const { namespace, runId, workloadId } = input;
  const signal = cancellationSignal();
  await nemo.entityStore.ensureNamespace(namespace, signal);
  await nemo.dataStore.ensureNamespace(namespace, signal);
  const put = async (role: DatasetRole, name: string, local: LocalFile[], rows: readonly Digest[]) => {
    const dataset = { namespace, name };
    await nemo.dataStore.createDataset(dataset, signal);
    await nemo.dataStore.uploadFiles(dataset, local, signal);
    const filesUrl = await nemo.entityStore.registerDataset(
      { ...dataset, project: runProject(runId) },
      signal,
    );
    return { role, name, numRecords: rows.length, filesUrl } satisfies DatasetRef;
  };
  const names = datasetNames(workloadId, runId);
  const trained = [...split.training, ...split.validation];
  return {
    evaluation: await put('evaluation', names.evaluation, files.evaluation, split.evaluation),
    inContext: await put('in-context', names.inContext, files.inContext, split.evaluation),
    training: await put('training', names.training, files.training, trained),
  };
}

function funnelOf(
  { read, rejections, unique }: Collected,
  split: Split,
  beyondLimit: number,
  seed: number,
): Funnel {
  const evaluated = new Set(split.evaluation.map(({ conversation }) => conversation));
  const learned = new Set([...split.training, ...split.validation].map(({ conversation }) => conversation));
  return {
    read,
    rejected: rejections.list(),
    duplicates: unique.duplicates,
    conflicts: unique.conflicts,
    beyondLimit,
    evaluation: split.evaluation.length,
    training: split.training.length,
    validation: split.validation.length,
    conversations: split.conversations,
    sharedConversations: [...evaluated].filter((conversation) => learned.has(conversation)).length,
    seed,
  };
}
