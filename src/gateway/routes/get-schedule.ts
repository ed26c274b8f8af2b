import { AWAY, json, operation, problem } from '../operation.js';
import { scheduleIdOf } from '../run-id.js';
import { scheduleDetail, toScheduleDetail } from '../schedule-document.js';
import { readTurns } from '../schedule-turns.js';
import { describeSchedule } from '../schedules.js';
import { askTemporal } from '../temporal-call.js';

/** `GET /api/schedules/{id}`: the schedule, and what became of its last turns. */
export const getSchedule = operation(
  {
    id: 'getSchedule',
    tag: 'schedules',
    summary: 'A schedule, and what became of its last turns',
    answers: {
      200: json('The schedule', scheduleDetail),
      400: problem('`Invalid schedule id format`'),
      404: problem('There is no such schedule'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = scheduleIdOf(request);
    const { temporal } = context;
    const { description, memo } = await describeSchedule(context, id);
    const turns = await askTemporal(temporal, () => readTurns(temporal, description));
    response.json(toScheduleDetail(id, memo, description, turns));
  },
);
