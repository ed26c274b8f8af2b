import { noSuchModel } from './deployment-states.js';
import { toDeployment, type Deployment } from './deployments.js';
import { timestamp } from './entity-ids.js';
import type { Platform } from './platform.js';
import { modelExists } from './served-models.js';

/**
 * Brings the deployments that an earlier process left in line with the catalog: what is to be served from the start is,
 * without waiting, as `default/<model, with hyphens for slashes>`; what no longer exists is not. Throws with a message
 * for people when the catalog wants more GPUs from the start than there are.
 */
export function deployFromStart(platform: Platform, gpus: number | null): void {
  const { catalog, deployments } = platform;
  const needed = catalog.deployed.reduce((sum, { name }) => sum + catalog.gpusOf(name), 0);
  if (gpus !== null && needed > gpus)
    throw new Error(`the models that are deployed from the start take ${needed} GPUs, and there are ${gpus}`);
  for (const deployment of deployments.all())
    if (!modelExists(platform, deployment.serves.model))
      put(platform, deployment, 'failed', noSuchModel(deployment.serves.model));
  const isServed = (model: string) =>
    deployments.all().some(({ wire, serves }) => wire.deployed && serves.model === model);
  for (const { name } of catalog.deployed)
    if (!isServed(name)) put(platform, newDeployment(platform, name), 'ready', 'deployment is ready');
}

const newDeployment = (platform: Platform, model: string): Deployment =>
  toDeployment(platform, {
    name: model.replaceAll('/', '-'),
    namespace: 'default',
    config: { model },
  });

function put(
  platform: Platform,
  deployment: Deployment,
  status: 'ready' | 'failed',
  description: string,
): void {
  const { wire } = deployment;
  Object.assign(wire, {
    deployed: status === 'ready',
    status_details: { status, description },
    updated_at: timestamp(),
  });
  platform.deployments.put(`${wire.namespace}/${wire.name}`, deployment);
}
