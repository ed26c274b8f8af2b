import type { Client } from '@temporalio/client';
import { isRunId } from '../src/ids.js';
import type { RunRecord } from '../src/run-record.js';
import { DELETE_RUN, deleteWorkflowId, deletionOf } from '../workflows/contract.js';

const PREFIX = deleteWorkflowId('');

/** `open`: one is under way; `completed`: at least one was; `broken-off`: begun, and none was. */
export type DeletionState = 'open' | 'completed' | 'broken-off';

/** Runs of this queue that are deleted, or were to be, as far as Temporal remembers. */
export async function deletionsOf(temporal: Client, taskQueue: string): Promise<Map<string, DeletionState>> {
  const deletions = new Map<string, DeletionState>();
  const query = `WorkflowType = "${DELETE_RUN}" AND TaskQueue = "${taskQueue}"`;
  for await (const { workflowId, status } of temporal.workflow.list({ query })) {
    const runId = workflowId.slice(PREFIX.length);
    if (!isRunId(runId)) continue;
    const known = deletions.get(runId);
    if (status.name === 'RUNNING') deletions.set(runId, 'open');
    else if (known === undefined || (known === 'broken-off' && status.name === 'COMPLETED'))
      deletions.set(runId, status.name === 'COMPLETED' ? 'completed' : 'broken-off');
  }
  return deletions;
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
