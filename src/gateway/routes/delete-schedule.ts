import { AWAY, done, json, operation, problem } from '../operation.js';
import { scheduleIdOf } from '../run-id.js';
import { askSchedule, describeSchedule } from '../schedules.js';

/** `DELETE /api/schedules/{id}`: a job that it has started goes on. */
export const deleteSchedule = operation(
  {
    id: 'deleteSchedule',
    tag: 'schedules',
    summary: 'Deletes a schedule; a job that it has started goes on',
    answers: {
      200: json('It is deleted', done),
      400: problem('`Invalid schedule id format`'),
      404: problem('There is no such schedule'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = scheduleIdOf(request);
    await describeSchedule(context, id);
    await askSchedule(context.temporal, id, (handle) => handle.delete());
    response.json({ id, message: 'Schedule deleted. A job that it has started goes on.' });
  },
);
