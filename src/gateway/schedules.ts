import {
  type Client,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { z } from 'zod';
import { keyword } from '../search-attributes.js';
import { SCHEDULED_RUN, temporalScheduleId, type ScheduledRunInput } from '../../workflows/contract.js';
import { HttpError } from './errors.js';
import { periodMs, type RequestedSchedule, unreadableCron } from './schedule-request.js';
import type { GatewayContext } from './services.js';
import { askTemporal } from './temporal-call.js';

/** A run that was due while Temporal was down is started if that is not longer ago. */
const CATCH_UP = '1 day';

const nullable = z.string().nullable();

/** What we keep with a schedule of Temporal: what was asked for. Schedules without it are not ours. */
const scheduleMemo = z.object({
  taskQueue: z.string(),
  workloadId: z.string(),
  clientId: z.string(),
  every: nullable,
  cron: nullable,
  minNewRecords: z.number().nullable(),
  note: nullable,
  requested: z.record(z.string(), z.unknown()),
  requestHash: z.string(),
});

export type ScheduleMemo = z.output<typeof scheduleMemo>;

/** null: the schedule is not of this installation. */
export function memoOf(memo: Record<string, unknown> | undefined, taskQueue: string): ScheduleMemo | null {
  const parsed = scheduleMemo.safeParse(memo?.['flywheel']);
  return parsed.success && parsed.data.taskQueue === taskQueue ? parsed.data : null;
}

/** Creates it; the same request under the same id creates nothing twice, another one is a 409. */
export async function createSchedule(
  { temporal, taskQueue }: GatewayContext,
  id: string,
  asked: RequestedSchedule,
): Promise<void> {
  await askTemporal(temporal, async () => {
    try {
      await create(temporal, taskQueue, id, asked);
    } catch (error) {
      // So Temporal's client names a spec that the server cannot read.
      if (error instanceof TypeError && asked.cron !== null) throw unreadableCron(asked.cron, error.message);
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      const known = await temporal.schedule.getHandle(temporalScheduleId(id)).describe();
      if (memoOf(known.memo, taskQueue)?.requestHash !== asked.requestHash)
        throw new HttpError(
          409,
          'This Idempotency-Key was used for another request: use a new key for a new schedule.',
        );
    }
  });
}

function create(temporal: Client, taskQueue: string, id: string, asked: RequestedSchedule) {
  const { workloadId, clientId, every, cron, minNewRecords, note, requested, config, requestHash } = asked;
  const input: ScheduledRunInput = { workloadId, clientId, minNewRecords, config, requestHash };
  const attributes = [keyword('FlywheelWorkloadId', workloadId), keyword('FlywheelClientId', clientId)];
  const flywheel: ScheduleMemo = {
    taskQueue,
    workloadId,
    clientId,
    every,
    cron,
    minNewRecords,
    note,
    requested,
    requestHash,
  };
  return temporal.schedule.create({
    scheduleId: temporalScheduleId(id),
    spec: every === null ? { cronExpressions: [cron ?? ''] } : { intervals: [{ every: periodMs(every) }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCH_UP },
    action: {
      type: 'startWorkflow',
      workflowType: SCHEDULED_RUN,
      workflowId: temporalScheduleId(id),
      taskQueue,
      args: [input],
      typedSearchAttributes: attributes,
      staticSummary: `repeat ${clientId} / ${workloadId}`.slice(0, 100),
    },
    typedSearchAttributes: attributes,
    memo: { flywheel },
    ...(note !== null && { state: { note } }),
  });
}

/** A schedule of this installation; a 404 if there is none of this id. */
export async function describeSchedule(
  { temporal, taskQueue }: GatewayContext,
  id: string,
): Promise<{ description: ScheduleDescription; memo: ScheduleMemo }> {
  const description = await askSchedule(temporal, id, (handle) => handle.describe());
  const memo = memoOf(description.memo, taskQueue);
  if (memo === null) throw noSuchSchedule(id);
  return { description, memo };
}

/** Asks Temporal for something with a schedule; a 404 if there is none of this id. */
export const askSchedule = <T>(
  temporal: Client,
  id: string,
  ask: (handle: ReturnType<Client['schedule']['getHandle']>) => Promise<T>,
): Promise<T> =>
  askTemporal(temporal, async () => {
    try {
      return await ask(temporal.schedule.getHandle(temporalScheduleId(id)));
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) throw noSuchSchedule(id);
      throw error;
    }
  });

export const noSuchSchedule = (id: string): HttpError =>
  new HttpError(404, `Schedule with ID ${id} not found`);
