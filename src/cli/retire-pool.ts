import type { Client } from '@temporalio/client';
import { endSweeps } from '../../activities/index.js';
import { gpuPoolWorkflowId, SERVED_MODEL } from '../../workflows/contract.js';

/** Has what is still warm undeployed, and the GPU pool end: on a Temporal that stays nobody would work for it any more. */
export async function retirePool(temporal: Client, taskQueue: string): Promise<void> {
  await endSweeps(temporal, taskQueue);
  const workflowId = gpuPoolWorkflowId(taskQueue);
  const latest = temporal.workflow.getHandle(workflowId);
  const { runId } = await latest.describe();
  await latest.cancel();
  await temporal.workflow.getHandle(workflowId, runId).result();
  // A model whose last task is done anew tells the pool once more that it is gone, which begins another: nothing is left for it.
  await servedModelsClosed(temporal, taskQueue);
  if ((await latest.describe()).status.name === 'RUNNING')
    await latest.terminate('the pool before it has ended');
}

async function servedModelsClosed(temporal: Client, taskQueue: string): Promise<void> {
  const query = `TaskQueue = "${taskQueue}" AND WorkflowType = "${SERVED_MODEL}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId, runId } of temporal.workflow.list({ query }))
    await temporal.workflow.getHandle(workflowId, runId).result();
}
