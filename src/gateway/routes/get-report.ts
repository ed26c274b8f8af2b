import { HttpError } from '../errors.js';
import { readJob } from '../job-reading.js';
import { AWAY, json, operation, problem } from '../operation.js';
import { runIdOf } from '../run-id.js';
import { jobReport, toReport } from '../wire-report.js';

/** `GET /api/jobs/{id}/report`: what a job that has ended has found. */
export const getReport = operation(
  {
    id: 'getReport',
    tag: 'jobs',
    summary: 'What a job has found: scores with their uncertainty, and a verdict on each candidate',
    answers: {
      200: json('The report', jobReport),
      400: problem('`Invalid job_id format`'),
      404: problem('`Job not found`'),
      409: problem('The job has not ended yet'),
      ...AWAY,
    },
  },
  ({ reader }) =>
    async (request, response) => {
      const job = await readJob(reader, runIdOf(request));
      if (job === null) throw new HttpError(404, 'Job not found');
      if (job.finished_at === null)
        throw new HttpError(
          409,
          `The job has not ended yet: ask for its report then. GET /api/jobs/${job.id} says how far it is.`,
        );
      response.json(toReport(job));
    },
);
