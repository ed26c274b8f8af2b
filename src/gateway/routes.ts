import type { Paths } from './openapi/document.js';
import { cancelJob } from './routes/cancel-job.js';
import { createJob } from './routes/create-job.js';
import { postSchedule } from './routes/create-schedule.js';
import { deleteJob } from './routes/delete-job.js';
import { deleteLogs } from './routes/delete-logs.js';
import { deleteSchedule } from './routes/delete-schedule.js';
import { docs } from './routes/docs.js';
import { getGpuPool } from './routes/get-gpu-pool.js';
import { getJob } from './routes/get-job.js';
import { getMetrics } from './routes/get-metrics.js';
import { getReport } from './routes/get-report.js';
import { getSchedule } from './routes/get-schedule.js';
import { health } from './routes/health.js';
import { jobEvents } from './routes/job-events.js';
import { listJobs } from './routes/list-jobs.js';
import { listSchedules } from './routes/list-schedules.js';
import { listWorkloads } from './routes/list-workloads.js';
import { openApi } from './routes/openapi.js';
import { pauseSchedule, unpauseSchedule } from './routes/pause-schedule.js';
import { postLogs } from './routes/post-logs.js';
import { previewDatasets } from './routes/preview-datasets.js';
import { getProxy } from './routes/proxy.js';
import { ready } from './routes/ready.js';
import { redoc } from './routes/redoc.js';
import { triggerSchedule } from './routes/trigger-schedule.js';

/** Every path of the HTTP API, in the order of its documentation. */
export const ROUTES: Paths = {
  '/api/jobs': { post: createJob, get: listJobs },
  '/api/jobs/{id}': { get: getJob, delete: deleteJob },
  '/api/jobs/{id}/cancel': { post: cancelJob },
  '/api/jobs/{id}/events': { get: jobEvents },
  '/api/jobs/{id}/report': { get: getReport },
  '/api/logs': { post: postLogs, delete: deleteLogs },
  '/api/workloads': { get: listWorkloads },
  '/api/proxy': { get: getProxy },
  '/api/datasets/preview': { post: previewDatasets },
  '/api/schedules': { post: postSchedule, get: listSchedules },
  '/api/schedules/{id}': { get: getSchedule, delete: deleteSchedule },
  '/api/schedules/{id}/pause': { post: pauseSchedule },
  '/api/schedules/{id}/unpause': { post: unpauseSchedule },
  '/api/schedules/{id}/trigger': { post: triggerSchedule },
  '/api/gpu-pool': { get: getGpuPool },
  '/metrics': { get: getMetrics },
  '/health': { get: health },
  '/ready': { get: ready },
  '/openapi.json': { get: openApi },
  '/docs': { get: docs },
  '/redoc': { get: redoc },
};
