import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { createLogger } from '../logger.js';
import { identify, requireKey } from './caller.js';
import { answerErrors, HttpError } from './errors.js';
import { guardJob, guardSchedule } from './guards.js';
import { rawBody } from './json-body.js';
import { measure } from './measure.js';
import { Previews } from './previews.js';
import { limitRate } from './rate-limit.js';
import { nameRequest } from './request-id.js';
import { cancelJob } from './routes/cancel-job.js';
import { createJob } from './routes/create-job.js';
import { postSchedule } from './routes/create-schedule.js';
import { deleteJob } from './routes/delete-job.js';
import { deleteLogs } from './routes/delete-logs.js';
import { deleteSchedule } from './routes/delete-schedule.js';
import { getGpuPool } from './routes/get-gpu-pool.js';
import { getJob } from './routes/get-job.js';
import { getMetrics } from './routes/get-metrics.js';
import { getSchedule } from './routes/get-schedule.js';
import { health } from './routes/health.js';
import { listJobs } from './routes/list-jobs.js';
import { listSchedules } from './routes/list-schedules.js';
import { pauseSchedule, unpauseSchedule } from './routes/pause-schedule.js';
import { postLogs } from './routes/post-logs.js';
import { previewDatasets } from './routes/preview-datasets.js';
import { ready } from './routes/ready.js';
import { triggerSchedule } from './routes/trigger-schedule.js';
import { RunReader } from './run-reader.js';
import type { GatewayContext, GatewayServices } from './services.js';
import { traceRequest } from './trace-request.js';

type Handlers = Partial<Record<'get' | 'post' | 'delete', RequestHandler[]>>;

export function createContext(services: GatewayServices, stopping: AbortSignal): GatewayContext {
  const { logger = createLogger(services.config.services.logLevel) } = services;
  const reader = new RunReader({ ...services, logger });
  return { ...services, logger, stopping, reader, previews: new Previews() };
}

/** The HTTP API over the given services. */
export function createApp(context: GatewayContext): Express {
  const app = express();
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use(nameRequest(context.logger));
  app.use(traceRequest);
  app.use(measure);
  app.use(helmet());
  app.use(identify(context.config.apiKeys));
  app.use(limitRate(context.config.gateway.requestsPerMinute));
  app.use(requireKey);
  const route = guardedRoutes(context);

  route(app, '/api/jobs', { get: [listJobs(context)], post: [rawBody('1mb'), createJob(context)] });
  route(app, '/api/jobs/:id', { get: [getJob(context)], delete: [deleteJob(context)] });
  route(app, '/api/jobs/:id/cancel', { post: [cancelJob(context)] });
  route(app, '/api/schedules', {
    get: [listSchedules(context)],
    post: [rawBody('1mb'), postSchedule(context)],
  });
  route(app, '/api/schedules/:id', { get: [getSchedule(context)], delete: [deleteSchedule(context)] });
  route(app, '/api/schedules/:id/pause', { post: [pauseSchedule(context)] });
  route(app, '/api/schedules/:id/unpause', { post: [unpauseSchedule(context)] });
  route(app, '/api/schedules/:id/trigger', { post: [triggerSchedule(context)] });
  route(app, '/api/logs', { post: [rawBody('64mb'), postLogs(context)], delete: [deleteLogs(context)] });
  route(app, '/api/datasets/preview', { post: [rawBody('1mb'), previewDatasets(context)] });
  route(app, '/api/gpu-pool', { get: [getGpuPool(context)] });
  route(app, '/metrics', { get: [getMetrics(context)] });
  route(app, '/health', { get: [health] });
  route(app, '/ready', { get: [ready(context)] });

  app.use(() => {
    throw new HttpError(404, 'Not Found');
  });
  app.use(answerErrors(context.logger));
  return app;
}

/** Mounts paths; before all that is said of one job or schedule stands whether the key may see it. */
function guardedRoutes(context: GatewayContext) {
  const guards = { '/api/jobs/:id': guardJob(context), '/api/schedules/:id': guardSchedule(context) };
  return (app: Express, path: string, handlers: Handlers): void => {
    const [, guard] = Object.entries(guards).find(([beginning]) => path.startsWith(beginning)) ?? [];
    mount(app, path, guard ? [guard] : [], handlers);
  };
}

/** Other methods are a 405, the path with a slash at its end redirects to it. */
function mount(app: Express, path: string, first: RequestHandler[], handlers: Handlers): void {
  const mounted = app.route(path);
  if (handlers.get) mounted.get([...first, ...handlers.get]);
  if (handlers.post) mounted.post([...first, ...handlers.post]);
  if (handlers.delete) mounted.delete([...first, ...handlers.delete]);
  const allowed = Object.keys(handlers).map((method) => method.toUpperCase());
  mounted.all(() => {
    throw new HttpError(405, 'Method Not Allowed', { Allow: allowed.join(', ') });
  });
  app.all(`${path}/`, withoutSlash);
}

const withoutSlash: RequestHandler = (request, response) => {
  const query = request.originalUrl.slice(request.path.length);
  response.redirect(307, request.path.slice(0, -1) + query);
};
