import { AWAY, done, json, operation, problem } from '../operation.js';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';

/** `POST /api/schedules/{id}/pause`: it starts nothing by itself any more; again is harmless. */
export const pauseSchedule = operation(
  {
    id: 'pauseSchedule',
    tag: 'schedules',
    summary: 'Stops a schedule for a while; again is harmless',
    answers: {
      200: json('It starts nothing by itself any more', done),
      400: problem('`Invalid schedule id format`'),
      404: problem('There is no such schedule'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.pause('paused by the API'));
    response.json({ id, message: 'Schedule paused. A job that it has started goes on.' });
  },
);

/** `POST /api/schedules/{id}/unpause`: what was due meanwhile is not made up for. */
export const unpauseSchedule = operation(
  {
    id: 'unpauseSchedule',
    tag: 'schedules',
    summary: 'Lets a paused schedule go on; what was due meanwhile is not made up for',
    answers: {
      200: json('It goes on', done),
      400: problem('`Invalid schedule id format`'),
      404: problem('There is no such schedule'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.unpause('unpaused by the API'));
    response.json({ id, message: 'Schedule unpaused.' });
  },
);
