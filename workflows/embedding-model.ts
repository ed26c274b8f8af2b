import { sharedModels } from './models.js';
import { deployOwn, type OwnModel, ownModel, undeployOwn } from './own-model.js';
import type { Run } from './run.js';

/**
 * Runs a step with the run's own embedding model served. It is deployed before the step begins: a step that waited for
 * it would keep its place among the few builds of a worker from the run that has the model. It is closed whatever
 * happened.
 */
export async function withEmbeddingModel<T>(run: Run, step: () => Promise<T>): Promise<T> {
  const model = embeddingModel(run);
  if (model === null) return await step();
  const useModel = sharedModels(
    () => deployOwn(run, model),
    () => undeployOwn(run, model),
  );
  return await useModel(step);
}

/** What to deploy; null when nothing is compared, or others serve the model. */
function embeddingModel(run: Run): OwnModel | null {
  const { icl } = run.input.config;
  if (icl.selection !== 'semantic_similarity') return null;
  const { model, deployment } = icl.embedding;
  return ownModel(run, 'embedding model', model, deployment);
}
