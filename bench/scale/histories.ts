import type { Client } from '@temporalio/client';
import { CANDIDATE, DEFAULT_TASK_QUEUE, GPU_POOL, gpuPoolWorkflowId } from '../../workflows/contract.js';

/** The most events that a candidate has, and the events of the pool in all its runs. */
export async function eventsOf(client: Client): Promise<{ candidate: number; pool: number; pools: number }> {
  const lengths = async (type: string) => {
    const all: number[] = [];
    for await (const { historyLength } of client.workflow.list({ query: `WorkflowType = "${type}"` }))
      all.push(historyLength ?? 0);
    return all;
  };
  // Of what is open, visibility knows no length.
  const open = await client.workflow.getHandle(gpuPoolWorkflowId(DEFAULT_TASK_QUEUE)).describe();
  const pools = await lengths(GPU_POOL);
  return {
    candidate: Math.max(...(await lengths(CANDIDATE))),
    pool: pools.reduce((sum, length) => sum + length, open.historyLength ?? 0),
    pools: pools.length,
  };
}
