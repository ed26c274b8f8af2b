import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { ConnectionLimits } from '../listener.js';
import { createLogger } from '../logger.js';
import { ownVersion } from '../own-version.js';
import { bearerOf, identify, requireKey } from './caller.js';
import { answerErrors, HttpError } from './errors.js';
import { RunWatches } from './events/run-watches.js';
import { StreamLimit } from './events/stream-limit.js';
import { guardJob, guardSchedule } from './guards.js';
import { readJob } from './job-reading.js';
import { Intake } from './log-intake/intake.js';
import { measure } from './measure.js';
import { openApiDocument } from './openapi/document.js';
import type { Operation } from './operation.js';
import { Previews } from './previews.js';
import { limitRate } from './rate-limit.js';
import { nameRequest } from './request-id.js';
import { PASSED_ON, passOn, proxyKeyOf } from './routes/proxy.js';
import { ROUTES } from './routes.js';
import { RunReader } from './run-reader.js';
import type { GatewayContext, GatewayServices } from './services.js';
import { traceRequest } from './trace-request.js';
import { WHOLE_BODIES, wholeBody } from './whole-body.js';

export function createContext(
  services: GatewayServices,
  stopping: AbortSignal,
  limits: Pick<ConnectionLimits, 'streams'>,
): GatewayContext {
  const { logger = createLogger(services.config.services.logLevel) } = services;
  const reader = new RunReader({ ...services, logger });
  const openApi = openApiDocument(ROUTES, ownVersion());
  const read = (runId: string) => readJob(reader, runId);
  const watches = new RunWatches({ read, everyMs: 1_000, logger });
  const streams = new StreamLimit(limits.streams);
  const previews = new Previews();
  return { ...services, logger, stopping, reader, watches, streams, previews, openApi };
}

/** The HTTP API over the given services. */
export function createApp(context: GatewayContext): Express {
  const app = express();
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.disable('x-powered-by');
  const { apiKeys, gateway } = context.config;
  const limit = limitRate(gateway.requestsPerMinute);
  app.use(nameRequest(context.logger));
  app.use(traceRequest);
  app.use(measure);
  if (context.proxy) app.use(PASSED_ON, identify(apiKeys, proxyKeyOf), limit, passOn(context.proxy));
  // The gateway itself speaks no TLS: a page of it must not ask for its parts by https.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  app.use(identify(apiKeys, bearerOf));
  app.use(limit);
  app.use(requireKey);

  const bodies = new Intake(WHOLE_BODIES);
  for (const [path, operations] of Object.entries(ROUTES)) mount(app, context, bodies, path, operations);

  app.use(() => {
    throw new HttpError(404, 'Not Found');
  });
  app.use(answerErrors(context.logger));
  return app;
}

/** Mounts a path: other methods are a 405, the path with a slash at its end redirects to it. */
function mount(
  app: Express,
  context: GatewayContext,
  bodies: Intake,
  path: string,
  { get, post, delete: remove }: Partial<Record<'get' | 'post' | 'delete', Operation>>,
): void {
  const expressPath = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const mounted = app.route(expressPath);
  const guard = guardOf(path, context);
  const handlers = ({ body, handle }: Operation): RequestHandler[] => [
    ...guard,
    ...(body?.limit === undefined ? [] : [wholeBody(bodies, body.limit)]),
    handle(context),
  ];
  if (get) mounted.get(handlers(get));
  if (post) mounted.post(handlers(post));
  if (remove) mounted.delete(handlers(remove));
  const allowed = [...(get ? ['GET'] : []), ...(post ? ['POST'] : []), ...(remove ? ['DELETE'] : [])];
  mounted.all(() => {
    throw new HttpError(405, 'Method Not Allowed', { Allow: allowed.join(', ') });
  });
  app.all(`${expressPath}/`, withoutSlash);
}

/** Before all that is said of one job or schedule stands whether the key may see it. */
function guardOf(path: string, context: GatewayContext): RequestHandler[] {
  if (path.startsWith('/api/jobs/{id}')) return [guardJob(context)];
  return path.startsWith('/api/schedules/{id}') ? [guardSchedule(context)] : [];
}

const withoutSlash: RequestHandler = (request, response) => {
  const [query = ''] = /\?.*/.exec(request.url) ?? [];
  response.redirect(307, request.path.slice(0, -1) + query);
};
