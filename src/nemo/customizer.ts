import { z } from 'zod';
import type { CandidateConfig, TrainingConfig } from '../config/run-config.js';
import { candidateOfHolder, holderOf, TRAINING, useId } from '../gpu-pool.js';
import { modelSlug, runProject, shortHash } from '../ids.js';
import type { Http } from './http.js';
import { isOver } from './job-status.js';
import { firstMatch, listAll } from './list.js';

const job = z.object({
  id: z.string(),
  output_model: z.string().nullish(),
  status: z.string().nullish(),
  config_snapshot: z
    .object({
      training_option: z
        .object({ num_gpus: z.number().nullish(), num_nodes: z.number().nullish() })
        .nullish(),
    })
    .nullish(),
});

const status = z.object({
  status: z.string(),
  updated_at: z.string().nullish(),
  percentage_done: z.number().nullish(),
  epochs_completed: z.number().nullish(),
  steps_completed: z.number().nullish(),
  train_loss: z.number().nullish(),
  val_loss: z.number().nullish(),
  status_logs: z.array(z.object({ message: z.string().nullish(), detail: z.string().nullish() })).nullish(),
});

export type CustomizationStatus = z.infer<typeof status>;

export interface CustomizationJob {
  id: string;
  /** `<namespace>/<name>@<revision>` */
  outputModel: string;
}

/** A job of ours that is not over, by the use of GPUs after which it is named. */
export interface RunningCustomization {
  use: string;
  gpus: number;
}

export interface NewCustomization {
  use: string;
  namespace: string;
  candidate: CandidateConfig;
  training: TrainingConfig;
  dataset: string;
}

/** What a customized model is called: after the use of GPUs that its training runs under. The platform appends `@<job id>`. */
function customizedName(use: string): { runId: string; name: string } {
  const candidate = candidateOfHolder(holderOf(use));
  if (!candidate) throw new Error(`${use} is no use of a candidate`);
  const { runId, slug } = candidate;
  return { runId, name: `${customizedPrefix(runId, slug)}${use.slice(-8)}` };
}

const customizedPrefix = (runId: string, model: string): string => `customized-${modelSlug(model)}-${runId}-`;

const CUSTOMIZED = /^[^/]+\/customized-(.+)-([0-9a-f]{24})-([0-9a-f]{8})@/;

/** The run that a customized model, `<namespace>/<name>@<revision>`, is named after; null for any other model. */
export const runOfCustomized = (model: string): string | null => CUSTOMIZED.exec(model)?.[2] ?? null;

const JOBS = '/v1/customization/jobs';

/** The customizer: fine-tuning jobs. */
export const createCustomizer = (http: Http) => ({
  url: (jobId: string): string => `${http.baseUrl}${JOBS}/${jobId}`,

  /** The job of a use, found by the name of its output; null when there is none. */
  async find(use: string, signal?: AbortSignal): Promise<CustomizationJob | null> {
    const { runId, name } = customizedName(use);
    const jobs = listAll(http, JOBS, job, { project: runProject(runId) }, signal);
    const found = await firstMatch(jobs, ({ output_model }) => isNamed(output_model, `${name}@`));
    return found && { id: found.id, outputModel: found.output_model ?? '' };
  },

  /** The jobs of a use: one, or more if an attempt made one unheard and the next did not see it yet. */
  ofUse(use: string, signal?: AbortSignal): Promise<CustomizationJob[]> {
    const { runId, name } = customizedName(use);
    return allNamed(http, runId, `${name}@`, signal);
  },

  /** The jobs that a run had for a model: one, or more if its candidate was reset. */
  ofCandidate: (runId: string, model: string, signal?: AbortSignal): Promise<CustomizationJob[]> =>
    allNamed(http, runId, customizedPrefix(runId, model), signal),

  running: (signal?: AbortSignal) => runningCustomizations(http, signal),

  async create(request: NewCustomization, signal?: AbortSignal): Promise<CustomizationJob> {
    const { use, namespace, dataset, training } = request;
    const config = await ensureConfig(http, request, signal);
    const { runId, name } = customizedName(use);
    const body = {
      name,
      output_model: `${namespace}/${name}`,
      config: `${namespace}/${config}`,
      dataset: { name: dataset, namespace },
      project: runProject(runId),
      hyperparameters: {
        training_type: training.trainingType,
        finetuning_type: training.finetuningType,
        epochs: training.epochs,
        batch_size: training.batchSize,
        learning_rate: training.learningRate,
        lora: { adapter_dim: training.adapterDim, adapter_dropout: training.adapterDropout },
      },
    };
    const created = await http.json('POST', JOBS, job, { body, signal, creates: true });
    if (created.output_model) return { id: created.id, outputModel: created.output_model };
    throw http.misfit(`POST ${http.baseUrl}${JOBS}: 200`, 'the answer names no output_model');
  },

  /** null: there is no such job (any more). */
  async status(jobId: string, signal?: AbortSignal): Promise<CustomizationStatus | null> {
    return await http.find(`${JOBS}/${jobId}/status`, status, signal);
  },

  /** Asks for the end; a job that is over already is fine. */
  async cancel(jobId: string, signal?: AbortSignal): Promise<void> {
    await http.expect('POST', `${JOBS}/${jobId}/cancel`, [400, 404, 409, 422], { signal });
  },
});

async function allNamed(
  http: Http,
  runId: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<CustomizationJob[]> {
  const found: CustomizationJob[] = [];
  for await (const { id, output_model } of listAll(http, JOBS, job, { project: runProject(runId) }, signal))
    if (output_model && isNamed(output_model, prefix)) found.push({ id, outputModel: output_model });
  return found;
}

/** Whatever is not named as ours are is left out. */
async function runningCustomizations(http: Http, signal?: AbortSignal): Promise<RunningCustomization[]> {
  const found: RunningCustomization[] = [];
  for await (const { output_model, status, config_snapshot } of listAll(http, JOBS, job, {}, signal)) {
    const [, slug, runId, unique] = CUSTOMIZED.exec(output_model ?? '') ?? [];
    if (slug === undefined || runId === undefined || isOver(status)) continue;
    const { num_gpus, num_nodes } = config_snapshot?.training_option ?? {};
    const use = useId(`${runProject(runId)}-${slug}`, TRAINING, unique ?? '');
    found.push({ use, gpus: (num_gpus ?? 1) * (num_nodes ?? 1) });
  }
  return found;
}

const isNamed = (outputModel: string | null | undefined, prefix: string): boolean =>
  outputModel?.slice(outputModel.indexOf('/') + 1).startsWith(prefix) ?? false;

/**
 * Creates the customization config that the candidate asks for, unless it is there. Its name carries a hash of its
 * content: another content under a known name would silently train with the old one.
 */
async function ensureConfig(http: Http, request: NewCustomization, signal?: AbortSignal): Promise<string> {
  const { candidate, namespace, training } = request;
  const customizer = candidate.customizer;
  if (!customizer) throw new Error(`${candidate.model} has no customizer configuration`);
  const content = {
    target: customizer.target,
    training_options: [
      {
        training_type: training.trainingType,
        finetuning_type: training.finetuningType,
        num_gpus: customizer.gpus,
        num_nodes: customizer.numNodes,
        tensor_parallel_size: customizer.tensorParallelSize,
        data_parallel_size: customizer.dataParallelSize,
        use_sequence_parallel: customizer.useSequenceParallel,
        micro_batch_size: customizer.microBatchSize,
      },
    ],
    training_precision: customizer.trainingPrecision,
    max_seq_length: customizer.maxSeqLength,
  };
  const base = candidate.model.slice(candidate.model.lastIndexOf('/') + 1);
  const name = `${base}@v1.0.0+flywheel-${shortHash(JSON.stringify(content), 8)}`;
  const body = { name, namespace, ...content };
  await http.expect('POST', '/v1/customization/configs', [409], { body, signal });
  return name;
}
