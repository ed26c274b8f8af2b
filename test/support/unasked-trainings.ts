import { createNemo } from '../../src/nemo/index.js';
import { aCandidate, aTrainingUse, TRAINING } from './activity-world.js';
import { platformOf } from './observe.js';
import { TINY } from './trial-runs.js';
import type { World } from './world.js';

/**
 * Trains a model that no pool has granted GPUs for, in the name of that run's candidate TINY, on what a run has
 * uploaded; resolves with how to look at it.
 */
export async function trainUnasked(
  { nemoUrl, config }: World,
  id: string,
  model: string,
  uploadedBy = id,
): Promise<() => Promise<string | undefined>> {
  const { datasets } = await platformOf(nemoUrl, uploadedBy);
  const { customizer } = createNemo({ ...config.services.nemo, ...config.secrets });
  const job = await customizer.create({
    use: aTrainingUse(id, TINY),
    namespace: config.run.namespace,
    candidate: aCandidate(model),
    training: TRAINING,
    dataset: datasets.find(({ name }) => name.includes('-train-'))!.name,
  });
  return async () => (await customizer.status(job.id))?.status;
}
