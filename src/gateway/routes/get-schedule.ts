import type { RequestHandler } from 'express';
import { scheduleIdOf } from '../run-id.js';
import { toScheduleDetail } from '../schedule-document.js';
import { readTurns } from '../schedule-turns.js';
import { describeSchedule } from '../schedules.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';

/** `GET /api/schedules/{id}`: the schedule, and what became of its last turns. */
export const getSchedule =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const id = scheduleIdOf(request);
    const { temporal } = context;
    const { description, memo } = await describeSchedule(context, id);
    const turns = await askTemporal(temporal, () => readTurns(temporal, description));
    response.json(toScheduleDetail(id, memo, description, turns));
  };
