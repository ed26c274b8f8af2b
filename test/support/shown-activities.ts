import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

/** Summary and id of each activity in a history, in the order in which they were scheduled. */
export async function activitiesOf(
  handle: Pick<WorkflowHandle, 'fetchHistory'>,
): Promise<{ id: string; summary: string }[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled, userMetadata }) => {
    if (!scheduled) return [];
    const summary = userMetadata?.summary && defaultPayloadConverter.fromPayload(userMetadata.summary);
    return [{ id: scheduled.activityId ?? '', summary: String(summary ?? '') }];
  });
}
