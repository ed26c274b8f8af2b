import { z } from 'zod';
import { type JobDetail, jobDetail, jobEvaluation, jobNim } from './wire.js';

const measured = z.literal('agreement with the logged answers of production');

const reportedEvaluation = jobEvaluation.pick({
  ...{ eval_type: true, status: true, error: true },
  ...{ scores: true, counts: true, failed: true, intervals: true, differences: true },
});

const reportedNim = jobNim
  .pick({ model_name: true, status: true, error: true, verdict: true })
  .extend({ evaluations: z.array(reportedEvaluation) });

/** `GET /api/jobs/{id}/report`: of the document of a job what it has found, under the same keys. */
export const jobReport = jobDetail
  .pick({
    ...{ id: true, workload_id: true, client_id: true, status: true, started_at: true, finished_at: true },
    ...{ error: true, workload_type: true, warnings: true, funnel: true, comparison: true },
    stale_seconds: true,
  })
  .extend({ measured: measured.describe('what every score is'), nims: z.array(reportedNim) })
  .meta({ id: 'Report' });

export const toReport = (job: JobDetail): z.output<typeof jobReport> =>
  jobReport.parse({ ...job, measured: measured.value });
