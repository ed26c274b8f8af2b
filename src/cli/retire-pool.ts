import type { Client } from '@temporalio/client';
import { endSweeps } from '../../activities/index.js';
import { gpuPoolWorkflowId } from '../../workflows/contract.js';

/** Has what is still warm undeployed, and the GPU pool end: on a Temporal that stays nobody would work for it any more. */
export async function retirePool(temporal: Client, taskQueue: string): Promise<void> {
  await endSweeps(temporal, taskQueue);
  const pool = temporal.workflow.getHandle(gpuPoolWorkflowId(taskQueue));
  await pool.cancel();
  await pool.result();
}
