import type { Ending } from './background-jobs.js';
import type { Deployment } from './deployments.js';
import { timestamp } from './entity-ids.js';
import type { Platform } from './platform.js';
import { modelExists } from './served-models.js';

/** Takes up deployments that an earlier process left; those that were ready keep their GPUs. */
export function resumeDeployments(platform: Platform): void {
  const all = platform.deployments.all().map((deployment) => ({ key: keyOf(deployment), deployment }));
  for (const { key, deployment } of all.filter(({ deployment: { wire } }) => wire.deployed)) {
    void platform.gpus.take(key, deployment.serves.gpus, new AbortController().signal);
  }
  for (const { key, deployment } of all) {
    const { deployed, status_details } = deployment.wire;
    if (!deployed && status_details.status !== 'failed') bringUp(platform, key, deployment);
  }
}

/** Starts on the way to `ready` or `failed`. */
export function bringUp(platform: Platform, key: string, deployment: Deployment): void {
  const ended = (ending: Ending) => {
    if (ending.status === 'failed') setStatus(platform, key, deployment, 'failed', ending.reason);
  };
  platform.jobs.start(jobId(key), (signal) => throughStates(platform, key, deployment, signal), ended);
}

/** Stops what runs under a key and frees its GPUs. */
export function takeDown(platform: Platform, key: string): void {
  platform.jobs.cancel(jobId(key));
  platform.gpus.release(key);
}

const keyOf = ({ wire }: Deployment) => `${wire.namespace}/${wire.name}`;
const jobId = (key: string) => `deployment ${key}`;

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
  await platform.clock.pause(1, signal);
  if (!modelExists(platform, model)) throw new Error(noSuchModel(model));
  setStatus(platform, key, deployment, 'pending', `waiting for ${gpus} GPU${gpus === 1 ? '' : 's'}`);
  if (model.includes('stuck-deploy')) return;
  await platform.gpus.take(key, gpus, signal);
  setStatus(platform, key, deployment, 'pending', 'loading the model');
  await platform.clock.pause(4, signal);
  if (model.includes('fail-deploy')) {
    platform.gpus.release(key);
    throw new Error(`image of ${model} cannot be pulled (fails on request: its name contains fail-deploy)`);
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
