import type { Client } from '@temporalio/client';
import { holderOf } from '../src/gpu-pool.js';
import { installationOf } from '../src/installation.js';
import type { DeployingPool } from '../src/nemo/deployments.js';
import { workflowStanding } from '../src/workflow-standing.js';
import { inTurns } from './in-turns.js';

// What is ours of all that is on the platform: several installations may share it.

/** The pool as no other installation has it: pools of two Temporals may have the same workflow id. */
export async function deployingPool(temporal: Client, pool: string): Promise<DeployingPool> {
  return { installation: await installationOf(temporal), pool };
}

/** Trainings whose holder this Temporal knows on this task queue; all others may be another installation's. */
export async function ownTrainings<T extends { use: string }>(
  temporal: Client,
  taskQueue: string,
  trainings: readonly T[],
): Promise<T[]> {
  const holders = await inTurns(trainings, ({ use }) => workflowStanding(temporal, holderOf(use)));
  return trainings.filter((_, i) => holders[i]?.taskQueue === taskQueue);
}
