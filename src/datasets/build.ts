import { slicesOf, workloadTypeOf } from '../records/slices.js';
import { type Split, splitRecords } from '../records/split.js';
import type { EvaluationSlice, Funnel, WorkloadType } from '../run-record.js';
import { collect } from './collect.js';
import { conversationsOf } from './conversations.js';
import { exampleOrder } from './example-order.js';
import { type DatasetFiles, writeFiles } from './files.js';
import { funnelOf } from './funnel.js';
import { Readers } from './readers.js';
import { type DatasetRequest, type DatasetServices, seedOf, type Watch } from './request.js';
import { type Samples, samplesOf } from './samples.js';
import { Spool } from './spool.js';
import { tooFewValid } from './too-few-records.js';
import { type ToolHistogram, toolsOf } from './tools.js';

/** The datasets of a workload, in files. */
export interface BuiltFiles {
  files: DatasetFiles;
  /** Rows of each. */
  sizes: { evaluation: number; training: number; validation: number };
  tools: Record<'evaluation' | 'training' | 'validation', ToolHistogram>;
  workloadType: WorkloadType;
  slices: EvaluationSlice[];
  funnel: Funnel;
  /** Some rows of each set, while the files are there. */
  samples: () => Promise<Samples>;
  warnings: string[];
}

/**
 * Builds datasets and hands them over to `use`; their files are there until that ends. One pass over the store, whose
 * pages threads read into a private spool, in memory only what tells records apart; then one pass over the spool into
 * the files. Rejects with TooFewRecords or a SplitError where the records allow none, and with the signal's reason when
 * that was aborted.
 */
export async function withDatasets<T>(
  services: DatasetServices,
  request: DatasetRequest,
  watch: Watch,
  use: (built: BuiltFiles) => Promise<T>,
): Promise<T> {
  watch.signal.throwIfAborted();
  const spool = await Spool.create(services.spoolDir);
  const { workloadId, clientId, split, evaluation } = request;
  const { parseFunctionArguments, minReward } = split;
  const reading = { workloadId, clientId, ...evaluation, parseFunctionArguments, minReward };
  const readers = new Readers(spool, reading, watch.signal, services.threads);
  try {
    return await use(await build(services, spool, readers, request, watch));
  } catch (error) {
    // Where an abort met something under way, the error of that says nothing.
    watch.signal.throwIfAborted();
    throw error;
  } finally {
    try {
      await readers.close();
    } finally {
      await spool.remove();
    }
  }
}

async function build(
  services: DatasetServices,
  spool: Spool,
  readers: Readers,
  request: DatasetRequest,
  watch: Watch,
): Promise<BuiltFiles> {
  const collected = await collect(services, readers, request, watch);
  const { digests, unique } = collected;
  const { kept, beyondLimit } = unique.newest(request.split.limit);
  if (kept.length < request.split.minTotalRecords) throw tooFewValid(request, collected, kept.length);
  const seed = seedOf(request);
  const source = { spool, digests, watch };
  const { evalSize, valRatio, nearDuplicateSimilarity } = request.split;
  const conversations = await conversationsOf(source, kept, nearDuplicateSimilarity);
  const { nearDuplicates, alike } = conversations;
  const split = splitRecords(digests, kept, { evalSize, valRatio, seed }, conversations);
  const workloadType = workloadTypeOf(digests, kept, request.evaluation.workloadType);
  const slices = slicesOf(digests, split.evaluation, workloadType);
  const order = await exampleOrder(services, source, split, request.icl, seed);
  const { files, warnings } = await writeFiles(readers, source, order, slices, split, request);
  return {
    files,
    sizes: sizesOf(split),
    tools: {
      evaluation: toolsOf(digests, split.evaluation),
      training: toolsOf(digests, split.training),
      validation: toolsOf(digests, split.validation),
    },
    workloadType,
    slices: slices.map(({ rows, ...slice }) => ({ ...slice, rows: rows.length })),
    funnel: await funnelOf(source, collected, split, { kept, beyondLimit, seed, nearDuplicates, alike }),
    samples: () => samplesOf(source, split, files),
    warnings: [...collected.units.warnings(), ...split.warnings, ...warnings],
  };
}

const sizesOf = ({ evaluation, training, validation }: Split): BuiltFiles['sizes'] => ({
  evaluation: evaluation.length,
  training: training.length,
  validation: validation.length,
});
