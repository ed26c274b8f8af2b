import type { Nemo } from '../src/nemo/index.js';
import { modelSlug } from '../src/ids.js';
import type { Activities, DeploymentRef, DeployModelInput } from './contract.js';
import { finalFailure } from './failures.js';
import { noMetrics, noProgress, OUTLASTS_OUTAGES, poll, type Reading } from './poll.js';
import type { ActivityServices } from './services.js';
import { workflowStatus } from './workflow-status.js';

/** Words of the platform that end a wait for `ready`. Any other word is waited on. */
const DEAD = ['failed', 'cancelled', 'delete_failed'];

type Services = Pick<ActivityServices, 'nemo' | 'temporal'>;

export function createDeploymentActivities(
  services: ActivityServices,
): Pick<Activities, 'deployModel' | 'undeployModel'> {
  const { nemo } = services;
  return {
    async deployModel(input) {
      const { model, patience } = input;
      return await poll(`deployment of ${model}`, patience, (signal) =>
        readDeployment(services, input, signal),
      );
    },

    async undeployModel({ namespace, model, holder, patience }) {
      const name = modelSlug(model);
      const read = async (signal: AbortSignal): Promise<Reading<void>> => {
        const found = await nemo.deployments.get(namespace, name, signal);
        if (found?.holder !== holder) return { done: true, value: undefined };
        await nemo.deployments.delete(namespace, name, signal);
        return waiting(nemo, namespace, model, `removing, ${found.status}`);
      };
      await poll(`removal of the deployment of ${model}`, patience, read, OUTLASTS_OUTAGES);
    },
  };
}

/** Creates the deployment if there is none, and is done when it is ready and the NIM proxy lists the model. */
async function readDeployment(
  services: Services,
  { namespace, model, deployment, holder, after }: DeployModelInput,
  signal: AbortSignal,
): Promise<Reading<{ foreign: boolean }>> {
  const { nemo } = services;
  const name = modelSlug(model);
  const found = await nemo.deployments.get(namespace, name, signal);
  if (!found) {
    if (after !== null && !(await isTaken(nemo, after, signal)))
      return waiting(nemo, namespace, model, `waiting for ${after.model}`, aliveNow());
    await nemo.deployments.create({ namespace, name, model, deployment, holder }, signal);
    return waiting(nemo, namespace, model, 'created');
  }
  if (found.holder !== null && found.holder !== holder)
    return await readForeignDeployment(services, { namespace, model, holder: found.holder }, signal);
  if (DEAD.includes(found.status))
    throw finalFailure(
      'DeploymentFailed',
      `${model}: ${found.description ?? `the platform says ${found.status}`}`,
    );
  if (found.status === 'ready' && (await nemo.nimProxy.models(signal)).includes(model))
    return { done: true, value: { foreign: found.holder === null } };
  return waiting(nemo, namespace, model, found.status);
}

/** Whether the deployment belongs to its holder, or to nobody of ours: then no other run will take it away. */
export async function isTaken(
  nemo: Nemo,
  { namespace, model, holder }: DeploymentRef,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await nemo.deployments.get(namespace, modelSlug(model), signal);
  return found !== null && (found.holder === null || found.holder === holder);
}

/**
 * Its holder will remove it: to use it meanwhile would be to lose it in the middle of an evaluation. What the workflow
 * of a holder that has ended left behind is removed.
 */
async function readForeignDeployment(
  { nemo, temporal }: Services,
  { namespace, model, holder }: DeploymentRef,
  signal: AbortSignal,
): Promise<Reading<never>> {
  const status = await workflowStatus(temporal, holder);
  if (status === 'closed') await nemo.deployments.delete(namespace, modelSlug(model), signal);
  const phrase = {
    open: `in use by ${holder}`,
    closed: `removing what ${holder} has left`,
    unknown: `in use by ${holder}, a workflow that Temporal does not know here: remove the deployment if it is nobody's`,
  };
  // As long as its holder works, there is nothing to give up.
  return waiting(nemo, namespace, model, phrase[status], status === 'open' ? aliveNow() : '');
}

const aliveNow = (): string => new Date().toISOString();

const waiting = (
  nemo: Nemo,
  namespace: string,
  model: string,
  status: string,
  alive = '',
): Reading<never> => ({
  done: false,
  alive,
  progress: {
    externalId: modelSlug(model),
    uri: nemo.deployments.url(namespace, modelSlug(model)),
    status,
    ...noProgress,
    ...noMetrics,
  },
});
