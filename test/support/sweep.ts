import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { gpuPoolWorkflowId, SWEEP, type SweepInput, type Swept } from '../../workflows/contract.js';
import { post } from './local-platform.js';
import { deployingPool } from '../../activities/installation.js';
import type { World } from './world.js';

type Sweep = (input: SweepInput) => Promise<Swept>;

export const sweepInput = ({ config, gpuPool }: World): SweepInput => ({
  timing: config.run.timing,
  graceMs: gpuPool.settings.graceMs,
});

/** A sweep without a schedule. */
export const startSweep = (
  world: World,
  input = sweepInput(world),
): Promise<WorkflowHandleWithFirstExecutionRunId<Sweep>> =>
  world.client.workflow.start<Sweep>(SWEEP, {
    taskQueue: world.taskQueue,
    workflowId: `sweep-${randomUUID()}`,
    args: [input],
  });

export const sweepNow = async (world: World): Promise<Swept> => (await startSweep(world)).result();

/** Deploys a model that no pool has asked for, as if `owner` had; null: as if it were not ours at all. */
export async function deployUnasked(
  { client, nemoUrl, config, taskQueue }: World,
  model: string,
  owner: string | null = gpuPoolWorkflowId(taskQueue),
) {
  const pool = owner && (await deployingPool(client, owner));
  return await post(`${nemoUrl}/v1/deployment/model-deployments`, {
    name: model.replace('/', '-'),
    namespace: config.run.namespace,
    custom_fields: pool && { managed_by: 'flywheel', ...pool, holder: 'nobody', spec: 'none' },
    config: { model, nim_deployment: { image_name: model, image_tag: '1', gpu: 1 } },
  });
}
