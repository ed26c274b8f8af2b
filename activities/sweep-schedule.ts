import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { SWEEP, sweepScheduleId, type SweepInput } from '../workflows/contract.js';

/** What was due longer ago, while Temporal was away, is left to the next time. */
const CATCH_UP = '1 minute' as const;

/** Has the platform swept from now on, as this worker is configured; a pause by an operator stays. */
export async function scheduleSweep(
  temporal: Client,
  taskQueue: string,
  intervalMs: number,
  input: SweepInput,
): Promise<void> {
  const scheduleId = sweepScheduleId(taskQueue);
  const plan = {
    spec: { intervals: [{ every: intervalMs }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SWEEP,
      workflowId: scheduleId,
      taskQueue,
      args: [input],
      staticSummary: 'look for what nobody knows of any more',
    },
  };
  try {
    await temporal.schedule.create({ scheduleId, ...plan });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await temporal.schedule.getHandle(scheduleId).update(({ state }) => ({ ...plan, state }));
  }
}

/** On a Temporal that stays, nobody would work on it any more. */
export async function unscheduleSweep(temporal: Client, taskQueue: string): Promise<void> {
  try {
    await temporal.schedule.getHandle(sweepScheduleId(taskQueue)).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

/** Unschedules it, and sees what is under way end: it would have the pool come back. A worker must be there. */
export async function endSweeps(temporal: Client, taskQueue: string): Promise<void> {
  await unscheduleSweep(temporal, taskQueue);
  const query = `WorkflowType = "${SWEEP}" AND TaskQueue = "${taskQueue}" AND ExecutionStatus = "Running"`;
  for await (const { workflowId } of temporal.workflow.list({ query })) {
    const sweep = temporal.workflow.getHandle(workflowId);
    // It may have ended meanwhile; and how it ends does not matter.
    await sweep.cancel().catch(() => undefined);
    await sweep.result().catch(() => undefined);
  }
}
