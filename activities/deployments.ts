import type { Nemo } from '../src/nemo/index.js';
import { modelSlug } from '../src/ids.js';
import type { Activities, DeployModelInput } from './contract.js';
import { finalFailure } from './failures.js';
import { noMetrics, noProgress, poll, type Reading } from './poll.js';
import type { ActivityServices } from './services.js';

/** Words of the platform that end a wait for `ready`. Any other word is waited on. */
const DEAD = ['failed', 'cancelled', 'delete_failed'];

export function createDeploymentActivities({
  nemo,
}: ActivityServices): Pick<Activities, 'deployModel' | 'undeployModel'> {
  return {
    async deployModel(input) {
      const { model, patience } = input;
      return await poll(`deployment of ${model}`, patience, (signal) => readDeployment(nemo, input, signal));
    },

    async undeployModel({ namespace, model, holder, patience }) {
      const name = modelSlug(model);
      await poll(`removal of the deployment of ${model}`, patience, async (signal) => {
        const found = await nemo.deployments.get(namespace, name, signal);
        if (found?.holder !== holder) return { done: true, value: undefined };
        await nemo.deployments.delete(namespace, name, signal);
        return waiting(nemo, namespace, model, `removing, ${found.status}`);
      });
    },
  };
}

/** Creates the deployment if there is none, and is done when it is ready and the NIM proxy lists the model. */
async function readDeployment(
  nemo: Nemo,
  { namespace, model, deployment, holder }: DeployModelInput,
  signal: AbortSignal,
): Promise<Reading<{ foreign: boolean }>> {
  const name = modelSlug(model);
  const found = await nemo.deployments.get(namespace, name, signal);
  if (!found) {
    await nemo.deployments.create({ namespace, name, model, deployment, holder }, signal);
    return waiting(nemo, namespace, model, 'created');
  }
  // Its holder will remove it; to use it meanwhile would be to lose it in the middle of an evaluation.
  if (found.holder !== null && found.holder !== holder)
    return waiting(nemo, namespace, model, `in use by ${found.holder}`);
  if (DEAD.includes(found.status))
    throw finalFailure(
      'DeploymentFailed',
      `${model}: ${found.description ?? `the platform says ${found.status}`}`,
    );
  if (found.status === 'ready' && (await nemo.nimProxy.models(signal)).includes(model))
    return { done: true, value: { foreign: found.holder === null } };
  return waiting(nemo, namespace, model, found.status);
}

const waiting = (nemo: Nemo, namespace: string, model: string, status: string): Reading<never> => ({
  done: false,
  progress: {
    externalId: modelSlug(model),
    uri: nemo.deployments.url(namespace, modelSlug(model)),
    status,
    ...noProgress,
    ...noMetrics,
  },
});
