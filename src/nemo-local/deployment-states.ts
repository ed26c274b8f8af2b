import type { Ending } from './background-jobs.js';
import type { Deployment } from './deployments.js';
import { timestamp } from './entity-ids.js';
import type { Platform } from './platform.js';
import type { LeftWork } from './resume.js';
import { modelExists } from './served-models.js';

/** What an earlier process left, for `resume`: those that were ready keep their GPUs. */
export const leftDeployments = (platform: Platform): LeftWork[] =>
  platform.deployments.all().flatMap((deployment) => {
    const { deployed, status_details, created_at } = deployment.wire;
    const key = keyOf(deployment);
    if (status_details.status === 'failed') return [];
    if (!deployed) return [{ created_at, goOn: () => climb(platform, key, deployment) }];
    const { gpus } = deployment.serves;
    return [
      { created_at, holds: { owner: ownerOf(key), gpus }, goOn: () => serve(platform, key, deployment) },
    ];
  });

/** Starts a new deployment, or one with another config, on the way to `ready` or `failed`. */
export function bringUp(platform: Platform, key: string, deployment: Deployment): void {
  platform.faults.strike('deployment', { id: deployment.wire.id, names: [key, deployment.serves.model] });
  climb(platform, key, deployment);
}

function climb(platform: Platform, key: string, deployment: Deployment): void {
  const ended = (ending: Ending) => {
    if (ending.status === 'failed') setStatus(platform, key, deployment, 'failed', ending.reason);
    if (ending.status === 'completed') serve(platform, key, deployment);
  };
  platform.jobs.start(ownerOf(key), (signal) => throughStates(platform, key, deployment, signal), ended);
}

/** What is up stays up, unless it was asked to vanish. */
function serve(platform: Platform, key: string, { wire }: Deployment): void {
  if (!wire.deployed || platform.faults.of('deployment', wire.id)?.kind !== 'vanish') return;
  platform.deployments.delete(key);
  takeDown(platform, key);
}

/** Stops what runs under a key and frees its GPUs. */
export function takeDown(platform: Platform, key: string): void {
  platform.jobs.cancel(ownerOf(key));
  platform.gpus.release(ownerOf(key));
}

const keyOf = ({ wire }: Deployment) => `${wire.namespace}/${wire.name}`;
const ownerOf = (key: string) => `deployment ${key}`;

export const noSuchModel = (model: string): string =>
  `there is no model ${model}: the models file does not name it`;

/** created → pending, until its GPUs are free and the model is loaded → ready. */
async function throughStates(
  platform: Platform,
  key: string,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<void> {
  const { model, gpus } = deployment.serves;
  const fault = platform.faults.of('deployment', deployment.wire.id);
  await platform.clock.pause(1, signal);
  if (!modelExists(platform, model)) throw new Error(noSuchModel(model));
  const shortage = platform.gpus.shortage(ownerOf(key), gpus) ?? 'scheduled';
  setStatus(platform, key, deployment, 'pending', fault?.kind === 'stuck' ? 'waiting for a node' : shortage);
  if (fault?.kind === 'stuck') return;
  await platform.gpus.take(ownerOf(key), gpus, signal);
  setStatus(platform, key, deployment, 'pending', 'loading the model');
  await platform.clock.pause(4, signal);
  if (fault?.kind === 'fail') {
    platform.gpus.release(ownerOf(key));
    throw new Error(`image of ${model} cannot be pulled (fails on request)`);
  }
  setStatus(platform, key, deployment, 'ready', 'deployment is ready');
}

function setStatus(
  platform: Platform,
  key: string,
  deployment: Deployment,
  status: Deployment['wire']['status_details']['status'],
  description: string,
): void {
  deployment.wire.status_details = { status, description };
  deployment.wire.deployed = status === 'ready';
  deployment.wire.updated_at = timestamp();
  platform.deployments.put(key, deployment);
}
