import { z } from 'zod';
import { text } from '../../config/lax.js';
import { SCHEDULE_PREFIX } from '../../../workflows/contract.js';
import { maySee } from '../caller.js';
import { AWAY, json, operation } from '../operation.js';
import { type ScheduleListItem, scheduleListItem, toScheduleListItem } from '../schedule-document.js';
import { memoOf } from '../schedules.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';
import { validate } from '../validation.js';

const filter = z.object({ workload_id: text, client_id: text }).partial();

const listedSchedules = z.object({ schedules: z.array(scheduleListItem) });

/** `GET /api/schedules`: all, or those of a workload or a client; a new one is listed after a moment. */
export const listSchedules = operation(
  {
    id: 'listSchedules',
    tag: 'schedules',
    summary: 'Lists schedules',
    description: 'A new one, or a change, is listed after a moment.',
    query: filter,
    answers: { 200: json('Schedules, without their turns', listedSchedules), ...AWAY },
  },
  (context) => async (request, response) => {
    const { workload_id, client_id } = validate(filter, request.query, 'query');
    const all = await askTemporal(context.temporal, () => readSchedules(context));
    const schedules = all.filter(
      (schedule) =>
        maySee(request, schedule.client_id) &&
        (workload_id === undefined || schedule.workload_id === workload_id) &&
        (client_id === undefined || schedule.client_id === client_id),
    );
    response.json({ schedules });
  },
);

async function readSchedules({ temporal, taskQueue }: GatewayContext): Promise<ScheduleListItem[]> {
  const schedules: ScheduleListItem[] = [];
  for await (const summary of temporal.schedule.list()) {
    const memo = memoOf(summary.memo, taskQueue);
    const id = summary.scheduleId.slice(SCHEDULE_PREFIX.length);
    if (memo) schedules.push(toScheduleListItem(id, memo, summary));
  }
  return schedules.sort((a, b) => a.id.localeCompare(b.id));
}
