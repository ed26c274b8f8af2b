import { HttpError } from '../errors.js';
import { toJobDetail } from '../job-document.js';
import { AWAY, json, operation, problem } from '../operation.js';
import { runIdOf } from '../run-id.js';
import { jobDetail } from '../wire.js';

/** `GET /api/jobs/{id}`. */
export const getJob = operation(
  {
    id: 'getJob',
    tag: 'jobs',
    summary: 'The whole document of a job, live while it runs',
    answers: {
      200: json('The job', jobDetail),
      400: problem('`Invalid job_id format`'),
      404: problem('`Job not found`'),
      ...AWAY,
    },
  },
  ({ reader }) =>
    async (request, response) => {
      const reading = await reader.read(runIdOf(request));
      if (reading === null) throw new HttpError(404, 'Job not found');
      const { run, staleSeconds } = reading;
      response.json({
        ...toJobDetail(run, Date.now()),
        ...(staleSeconds !== null && { stale_seconds: staleSeconds }),
      });
    },
);
