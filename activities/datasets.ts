import { cancellationSignal } from '@temporalio/activity';
import { datasetNames, runProject } from '../src/ids.js';
import type { LocalFile } from '../src/nemo/data-store.js';
import type { PageReading } from '../src/records/page-reader.js';
import { seedFrom } from '../src/records/random.js';
import { UNTRAINED, UNTRAINED_REASONS } from '../src/records/reward.js';
import { type Slice, slicesOf, workloadTypeOf } from '../src/records/slices.js';
import { type Split, SplitError, splitRecords } from '../src/records/split.js';
import type { DatasetRef, DatasetRole, Funnel } from '../src/run-record.js';
import { beating } from './beating.js';
import type { Activities, BuildDatasetsInput, BuiltDatasets } from './contract.js';
import { InContextFiles, type RowSource, writeEvaluationFile } from './dataset-files.js';
import { type Collected, collect, tooFewValid } from './datasets/collect.js';
import { conversationsOf } from './datasets/conversations.js';
import { Readers } from './datasets/readers.js';
import { writeTrainingFile } from './datasets/training-file.js';
import { type ExampleOrder, exampleOrder } from './example-order.js';
import { finalFailure } from './failures.js';
import type { ActivityServices } from './services.js';
import { Spool } from './spool.js';

/**
 * Builds a run's datasets: one pass over the store, whose pages threads read into a private spool, in memory only what
 * tells records apart; then one pass over the spool into the files, then the upload. A new attempt starts over and
 * replaces what it finds.
 */
export function createDatasetActivities(services: ActivityServices): Pick<Activities, 'buildDatasets'> {
  return {
    async buildDatasets(input) {
      const spool = await Spool.create(services.spoolDir);
      const readers = new Readers(spool, readingOf(input), cancellationSignal());
      try {
        const prepared = await prepareDatasets(services, spool, readers, input);
        return await uploadDatasets(services, prepared, input);
      } catch (error) {
        // Where a cancellation met a transfer, the transfer's own error says nothing.
        cancellationSignal().throwIfAborted();
        if (error instanceof SplitError) throw finalFailure('InvalidSplit', error.message);
        throw error;
      } finally {
        await readers.close();
        await spool.remove();
      }
    },
  };
}

export const readingOf = ({ workloadId, clientId, split, evaluation }: BuildDatasetsInput): PageReading => ({
  workloadId,
  clientId,
  ...evaluation,
  parseFunctionArguments: split.parseFunctionArguments,
  minReward: split.minReward,
});

interface Prepared {
  files: Files;
  split: Split;
  built: Pick<BuiltDatasets, 'workloadType' | 'slices' | 'funnel' | 'warnings'>;
}

/** From the store to the files of all datasets. */
export async function prepareDatasets(
  services: ActivityServices,
  spool: Spool,
  readers: Readers,
  input: BuildDatasetsInput,
): Promise<Prepared> {
  const collected = await collect(services, readers, input);
  const { digests } = collected;
  const { kept, beyondLimit } = collected.unique.newest(input.split.limit);
  if (kept.length < input.split.minTotalRecords) throw tooFewValid(input, collected, kept.length);
  const seed = input.split.randomSeed ?? seedFrom(input.runId);
  const { evalSize, valRatio } = input.split;
  const conversations = await conversationsOf({ spool, digests }, kept, input.split.nearDuplicateSimilarity);
  const split = splitRecords(digests, kept, { evalSize, valRatio, seed }, conversations);
  const workloadType = workloadTypeOf(digests, kept, input.evaluation.workloadType);
  const slices = slicesOf(digests, split.evaluation, workloadType);
  const source = { spool, digests };
  const order = await exampleOrder(services, source, split, input.icl, seed);
  const files = await writeFiles(readers, source, order, slices, split, input);
  const built = {
    workloadType,
    slices: slices.map(({ rows, ...slice }) => ({ ...slice, rows: rows.length })),
    funnel: funnelOf(collected, split, { beyondLimit, seed, nearDuplicates: conversations.nearDuplicates }),
    warnings: [...collected.units.warnings(), ...split.warnings, ...files.warnings],
  };
  return { files, split, built };
}

async function uploadDatasets(
  services: ActivityServices,
  { files, split, built }: Prepared,
  input: BuildDatasetsInput,
): Promise<BuiltDatasets> {
  const datasets = await beating({ uploading: input.runId }, upload(services, files, split, input));
  return { ...datasets, ...built };
}

interface Files {
  evaluation: LocalFile[];
  inContext: LocalFile[];
  training: LocalFile[];
  warnings: string[];
}

/** The pass over the spool. */
async function writeFiles(
  readers: Readers,
  source: RowSource,
  order: ExampleOrder,
  slices: Slice[],
  split: Split,
  input: BuildDatasetsInput,
): Promise<Files> {
  const files: Files = { evaluation: [], inContext: [], training: [], warnings: [...order.warnings] };
  const inContext = new InContextFiles(source, order, input.icl);
  for (const slice of slices) {
    files.evaluation.push(await writeEvaluationFile(source, slice, input));
    files.inContext.push(await inContext.write(slice, input));
  }
  const trainingFile = async (path: string, rows: Uint32Array) =>
    void files.training.push(await writeTrainingFile(readers, source, path, rows));
  await trainingFile('training/train_data.jsonl', split.training);
  if (split.validation.length > 0) await trainingFile('validation/val_data.jsonl', split.validation);
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
  const put = async (role: DatasetRole, name: string, local: LocalFile[], numRecords: number) => {
    const dataset = { namespace, name };
    await nemo.dataStore.createDataset(dataset, signal);
    await nemo.dataStore.uploadFiles(dataset, local, signal);
    const filesUrl = await nemo.entityStore.registerDataset(
      { ...dataset, project: runProject(runId) },
      signal,
    );
    return { role, name, numRecords, filesUrl } satisfies DatasetRef;
  };
  const names = datasetNames(workloadId, runId);
  const evaluated = split.evaluation.length;
  const trained = split.training.length + split.validation.length;
  return {
    evaluation: await put('evaluation', names.evaluation, files.evaluation, evaluated),
    inContext: await put('in-context', names.inContext, files.inContext, evaluated),
    training: await put('training', names.training, files.training, trained),
  };
}

function funnelOf(
  { read, rejections, unique, digests }: Collected,
  split: Split,
  known: Pick<Funnel, 'beyondLimit' | 'seed' | 'nearDuplicates'>,
): Funnel {
  const evaluated = new Set(Array.from(split.evaluation, digests.conversationOf));
  const shared = new Set<string>();
  for (const learned of [split.training, split.validation])
    for (const record of learned) {
      const conversation = digests.conversationOf(record);
      if (evaluated.has(conversation)) shared.add(conversation);
    }
  return {
    read,
    rejected: rejections.list(),
    duplicates: unique.duplicates,
    conflicts: unique.conflicts,
    evaluation: split.evaluation.length,
    training: split.training.length,
    validation: split.validation.length,
    conversations: split.conversations,
    sharedConversations: shared.size,
    untrained: untrainedOf(split),
    ...known,
  };
}

const untrainedOf = ({ untrained }: Split): Funnel['untrained'] =>
  UNTRAINED_REASONS.filter((reason) => untrained[reason] > 0).map((reason) => ({
    reason: `${reason}: ${UNTRAINED[reason]}`,
    count: untrained[reason],
  }));
