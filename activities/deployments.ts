import { activityInfo } from '@temporalio/activity';
import { isOwnedBy, type DeployedNim, type DeployingPool } from '../src/nemo/deployments.js';
import type { Nemo } from '../src/nemo/index.js';
import { ServiceError } from '../src/nemo/service-error.js';
import type { ModelNeed } from '../src/gpu-pool.js';
import { specOf } from '../src/gpu-pool.js';
import { modelSlug } from '../src/ids.js';
import type { Activities, DeployModelInput } from './contract.js';
import { finalFailure } from './failures.js';
import { deployingPool } from './installation.js';
import { requireOpen } from './lease-check.js';
import { NOTHING_KNOWN, OUTLASTS_OUTAGES, poll, type Reading } from './poll.js';
import type { ActivityServices } from './services.js';

/** Words of the platform that end a wait for `ready`. Any other word is waited on. */
const DEAD = ['failed', 'cancelled', 'delete_failed'];
/** A model that serves is looked at so much more rarely than one that is deploying. */
const SLOWER = 6;

export function createDeploymentActivities({
  nemo,
  temporal,
}: ActivityServices): Pick<Activities, 'deployModel' | 'watchDeployment' | 'undeployModel'> {
  return {
    async deployModel(input) {
      const { need, pool, holder, patience } = input;
      const us = await deployingPool(temporal, pool);
      const mayDeploy = () => requireOpen(temporal, holder);
      return await poll(`deployment of ${need.model}`, patience, (signal) =>
        readDeployment(nemo, input, us, mayDeploy, signal),
      );
    },

    async watchDeployment({ need, patience }) {
      const { model, namespace } = need;
      const read = async (signal: AbortSignal): Promise<Reading<string>> => {
        const found = await nemo.deployments.get(namespace, modelSlug(model), signal).catch(notSeen);
        if (!found) return { done: true, value: `${model}: its deployment is gone: somebody deleted it` };
        if (DEAD.includes(found.status)) return { done: true, value: deathOf(model, found) };
        return waiting(nemo, need, found.status);
      };
      // A model may serve for months without any change.
      const slowly = { pollMs: SLOWER * patience.pollMs, stallMs: Infinity };
      return await poll(`service of ${model}`, slowly, read, OUTLASTS_OUTAGES);
    },

    async undeployModel({ need, pool, patience }) {
      const { model, namespace } = need;
      const name = modelSlug(model);
      const us = await deployingPool(temporal, pool);
      const read = async (signal: AbortSignal): Promise<Reading<void>> => {
        const found = await nemo.deployments.get(namespace, name, signal);
        if (!found || !isOwnedBy(found.owner, us)) return { done: true, value: undefined };
        // An attempt that hears late of its end would delete what a successor has deployed since.
        await requireOpen(temporal, activityInfo().workflowExecution?.workflowId ?? '');
        await nemo.deployments.delete(namespace, name, signal);
        return waiting(nemo, need, `removing, ${found.status}`);
      };
      await poll(`removal of the deployment of ${model}`, patience, read, OUTLASTS_OUTAGES);
    },
  };
}

/** Whatever the platform answers instead, as when a key was taken away, passes: else nobody would see the model die. */
function notSeen(error: unknown): never {
  if (!(error instanceof ServiceError)) throw error;
  const { message, service, retryAfterMs } = error;
  throw new ServiceError(message, { service, status: null, retryAfterMs, cause: error });
}

const deathOf = (model: string, { description, status }: DeployedNim): string =>
  `${model}: ${description ?? `the platform says ${status}`}`;

/**
 * Creates the deployment if there is none, and is done when it is ready and the NIM proxy lists the model. One of ours
 * is adopted when it is as it should be, else replaced; one that is not ours is used as it is. `mayDeploy` fails when
 * others have the lease by now: an attempt that nobody waits for any more would deploy what they have removed.
 */
async function readDeployment(
  nemo: Nemo,
  { need, holder }: DeployModelInput,
  us: DeployingPool,
  mayDeploy: () => Promise<void>,
  signal: AbortSignal,
): Promise<Reading<{ foreign: boolean }>> {
  const { model, namespace } = need;
  const name = modelSlug(model);
  const owner = { ...us, holder, spec: specOf(need) };
  const found = await nemo.deployments.get(namespace, name, signal);
  if (!found) {
    await mayDeploy();
    await nemo.deployments.create({ need, owner }, signal);
    return waiting(nemo, need, 'created');
  }
  const isOurs = isOwnedBy(found.owner, us);
  const isDead = DEAD.includes(found.status);
  if (isOurs && (found.owner?.spec !== owner.spec || (isDead && found.owner.holder !== holder))) {
    await mayDeploy();
    await nemo.deployments.delete(namespace, name, signal);
    return waiting(nemo, need, `replacing, ${found.status}`);
  }
  if (isDead) throw finalFailure('DeploymentFailed', deathOf(model, found));
  if (found.status === 'ready' && (await nemo.nimProxy.models(signal)).includes(model))
    return { done: true, value: { foreign: !isOurs } };
  return waiting(nemo, need, found.status);
}

const waiting = (nemo: Nemo, { namespace, model }: ModelNeed, status: string): Reading<never> => ({
  done: false,
  progress: {
    externalId: modelSlug(model),
    uri: nemo.deployments.url(namespace, modelSlug(model)),
    status,
    ...NOTHING_KNOWN,
  },
});
