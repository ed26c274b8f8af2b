import { ScheduleOverlapPolicy } from '@temporalio/client';
import { HttpError } from '../errors.js';
import { AWAY, done, json, operation, problem } from '../operation.js';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';

/** `POST /api/schedules/{id}/trigger`: a turn now, also of a paused schedule; a 409 while a job of it runs. */
export const triggerSchedule = operation(
  {
    id: 'triggerSchedule',
    tag: 'schedules',
    summary: 'A turn now, also of a paused schedule',
    answers: {
      200: json('The turn begins', done),
      409: problem('A job of this schedule is still running'),
      400: problem('`Invalid schedule id format`'),
      404: problem('There is no such schedule'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = scheduleIdOf(request);
    const { description } = await describeSchedule(context, id);
    if (description.info.runningActions.length > 0)
      throw new HttpError(
        409,
        'A job of this schedule is still running, and no second one is started beside it: wait for it, or cancel it.',
      );
    await askSchedule(context.temporal, id, (handle) => handle.trigger(ScheduleOverlapPolicy.SKIP));
    response.json({ id, message: 'Schedule triggered.' });
  },
);
