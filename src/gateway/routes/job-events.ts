import { limitedAs } from '../caller.js';
import { EventStream } from '../events/event-stream.js';
import { eventData, eventsSince } from '../events/job-events.js';
import { HttpError } from '../errors.js';
import { readJob } from '../job-reading.js';
import { AWAY, operation, passing, problem } from '../operation.js';
import { runIdOf } from '../run-id.js';
import type { JobDetail } from '../wire.js';

/** `GET /api/jobs/{id}/events`: what changes in a job, as it changes, until it has ended. */
export const jobEvents = operation(
  {
    id: 'jobEvents',
    tag: 'jobs',
    summary: 'What changes in a job, as server-sent events, until it has ended',
    description:
      'First all that there is, then `stage`, `candidate`, `evaluation` and `customization` as they change, and `end`. ' +
      'Whoever passes the `id` of the last event is sent only what has changed since.',
    headers: { 'Last-Event-ID': 'the `id` of the last event that was seen' },
    answers: {
      200: {
        description: 'Events; the data of each is one of these',
        content: { 'text/event-stream': eventData },
      },
      204: { description: 'The job has ended, and its end was seen: do not ask again', content: {} },
      400: problem('`Invalid job_id format`'),
      404: problem('`Job not found`'),
      429: passing(
        'More streams than one caller may have open, or more requests than it may send in a minute',
      ),
      ...AWAY,
    },
  },
  ({ reader, watches, streams }) =>
    async (request, response) => {
      const id = runIdOf(request);
      const askedAt = Date.now();
      const job = await readJob(reader, id);
      if (job === null) throw new HttpError(404, 'Job not found');
      let lastId = request.get('Last-Event-ID') ?? '';
      if (job.finished_at !== null && eventsSince(lastId, job).length === 0) {
        response.status(204).end();
        return;
      }
      // The listener has gone meanwhile: nothing would end the stream.
      if (response.closed) return;
      streams.add(limitedAs(request), response);
      const stream = new EventStream(response);
      if (request.method === 'HEAD') return stream.end();
      // Another gateway may have told more than is known here, until the run itself has been asked.
      let isAhead = lastId !== '';
      const show = (now: JobDetail | null) => {
        isAhead &&= now?.finished_at === null && reader.answeredAt(id) < askedAt;
        for (const event of now && !isAhead ? eventsSince(lastId, now) : []) {
          stream.send(event);
          lastId = event.id;
        }
        if (now === null || now.finished_at !== null) stream.end();
      };
      show(job);
      if (job.finished_at !== null) return;
      response.on('close', watches.watch(id, show));
    },
);
