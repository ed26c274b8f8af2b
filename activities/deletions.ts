import type { Client } from '@temporalio/client';
import { isRunId } from '../src/ids.js';
import type { RunRecord } from '../src/run-record.js';
import { DELETE_RUN, deleteWorkflowId, deletionOf } from '../workflows/contract.js';

const PREFIX = deleteWorkflowId('');

/** Runs of this queue whose deletion has ended, and whether one of them was completed; as far as Temporal remembers. */
export async function deletionsOf(temporal: Client, taskQueue: string): Promise<Map<string, boolean>> {
  const ended = new Map<string, boolean>();
  const open = new Set<string>();
  const query = `WorkflowType = "${DELETE_RUN}" AND TaskQueue = "${taskQueue}"`;
  for await (const { workflowId, status } of temporal.workflow.list({ query })) {
    const runId = workflowId.slice(PREFIX.length);
    if (!isRunId(runId)) continue;
    if (status.name === 'RUNNING') open.add(runId);
    else ended.set(runId, status.name === 'COMPLETED' || ended.get(runId) === true);
  }
  for (const runId of open) ended.delete(runId);
  return ended;
}

/** Starts the deletion of a finished run, unless it is under way. */
export async function startDeletion(
  temporal: Client,
  taskQueue: string,
  run: RunRecord,
  why: string,
): Promise<void> {
  await temporal.workflow.start(DELETE_RUN, {
    ...deletionOf(taskQueue, run),
    staticSummary: `delete run ${run.runId}, ${why}`,
  });
}
