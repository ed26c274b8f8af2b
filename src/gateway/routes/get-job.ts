import { HttpError } from '../errors.js';
import { readJob } from '../job-reading.js';
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
      const job = await readJob(reader, runIdOf(request));
      if (job === null) throw new HttpError(404, 'Job not found');
      response.json(job);
    },
);
