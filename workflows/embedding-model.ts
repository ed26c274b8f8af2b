import { ApplicationFailure } from '@temporalio/workflow';
import type { ModelNeed } from '../src/gpu-pool.js';
import { isGpusDenied } from './failures.js';
import type { Run } from './run.js';

/**
 * Runs a step with the embedding model served, if it is ours to deploy. It is up before the step begins: a step that
 * waited for it would keep its place among the few builds of a worker from the run that has the model.
 */
export async function withEmbeddingModel<T>(run: Run, step: () => Promise<T>): Promise<T> {
  const need = embeddingModel(run);
  if (need === null) return await step();
  try {
    return await run.gpus.with('datasets', { models: [need] }, step);
  } catch (error) {
    throw isGpusDenied(error) ? failed(run, need.model, error) : error;
  }
}

/** What to ask for; null when nothing is compared, or others serve the model. */
function embeddingModel(run: Run): ModelNeed | null {
  const { icl, namespace } = run.input.config;
  if (icl.selection !== 'semantic_similarity') return null;
  const { model, deployment } = icl.embedding;
  return deployment.kind === 'managed' ? { model, namespace, deployment } : null;
}

/** Notes the reason, which is the run's too. A refusal says by itself what to change. */
function failed(run: Run, model: string, denial: ApplicationFailure): ApplicationFailure {
  const isRefused = denial.details?.[0] === null;
  const error = isRefused
    ? denial.message
    : `Error deploying the embedding model ${model}: ${denial.message}`;
  if (run.record.embeddingModel)
    Object.assign(run.record.embeddingModel, { deploymentStatus: 'failed', error });
  run.show();
  return ApplicationFailure.nonRetryable(error, 'EmbeddingModelFailed');
}
