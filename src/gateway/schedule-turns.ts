import { type Client, type ScheduleDescription, WorkflowNotFoundError } from '@temporalio/client';
import { z } from 'zod';
import type { ScheduledRunOutcome } from '../../workflows/contract.js';
import { type ScheduleTurn, toTurn } from './schedule-document.js';

type Action = ScheduleDescription['info']['recentActions'][number];

const outcomeMemo = z.object({
  newRecords: z.number(),
  runId: z.string().nullable(),
  skipped: z.string().nullable(),
});

/** The last turns that Temporal knows, the newest first; needs no worker. */
export const readTurns = (temporal: Client, { info }: ScheduleDescription): Promise<ScheduleTurn[]> =>
  Promise.all(info.recentActions.toReversed().map((action) => readTurn(temporal, action)));

async function readTurn(temporal: Client, { scheduledAt, action }: Action): Promise<ScheduleTurn> {
  const { workflowId, firstExecutionRunId } = action.workflow;
  try {
    const { status, memo } = await temporal.workflow.getHandle(workflowId, firstExecutionRunId).describe();
    return toTurn(scheduledAt, status.name.toLowerCase().replaceAll('_', ' '), outcomeOf(memo));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return toTurn(scheduledAt, null, null);
    throw error;
  }
}

/** null: it has not counted yet. */
function outcomeOf(memo: Record<string, unknown> | undefined): ScheduledRunOutcome | null {
  const parsed = outcomeMemo.safeParse(memo?.['outcome']);
  return parsed.success ? parsed.data : null;
}
