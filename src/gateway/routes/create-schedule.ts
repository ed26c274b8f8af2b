import { AWAY, IDEMPOTENCY, JOB_BYTES, done, json, operation, problem } from '../operation.js';
import { requestedId } from '../run-id.js';
import { requestedSchedule, scheduleRequest } from '../schedule-request.js';
import { createSchedule } from '../schedules.js';

/** `POST /api/schedules`: repeats a job by the clock, each time or when there are enough new records. */
export const postSchedule = operation(
  {
    id: 'createSchedule',
    tag: 'schedules',
    summary: 'Repeats a job by the clock, or when there are enough new records',
    headers: IDEMPOTENCY,
    body: { limit: JOB_BYTES, content: { 'application/json': scheduleRequest } },
    answers: {
      200: json('It is created', done),
      400: problem('The body is not UTF-8, or no job could be run with it'),
      404: problem('The key is not good for that client'),
      409: problem('The Idempotency-Key was used for another request'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const asked = requestedSchedule(context.config, request);
    const id = requestedId(request, asked.clientId);
    await createSchedule(context, id, asked);
    response.json({ id, message: 'Schedule created' });
  },
);
