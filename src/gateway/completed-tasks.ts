import type { Client, WorkflowExecutionDescription } from '@temporalio/client';

/** Batches of events, as Temporal wrote them. */
const PAGE = 20;

/** How many tasks of a workflow were completed after its first `events` events, by its history: no worker is needed. */
export async function completedSince(
  { options, workflowService }: Client,
  { workflowId, runId }: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'>,
  events: number,
): Promise<number> {
  let count = 0;
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await workflowService.getWorkflowExecutionHistoryReverse({
      namespace: options.namespace,
      execution: { workflowId, runId },
      maximumPageSize: PAGE,
      nextPageToken: nextPageToken ?? null,
    });
    for (const { eventId, workflowTaskCompletedEventAttributes: completed } of page.history?.events ?? []) {
      if (Number(eventId) <= events) return count;
      if (completed) count += 1;
    }
    ({ nextPageToken } = page);
  } while (nextPageToken?.length);
  return count;
}
