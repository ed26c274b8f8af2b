import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { createLogger } from '../logger.js';
import { ownVersion } from '../own-version.js';
import { answerErrors, HttpError } from './errors.js';
import { RunWatches } from './events/run-watches.js';
import { readJob } from './job-reading.js';
import { rawBody } from './json-body.js';
import { openApiDocument } from './openapi/document.js';
import type { Operation } from './operation.js';
import { Previews } from './previews.js';
import { ROUTES } from './routes.js';
import { RunReader } from './run-reader.js';
import type { GatewayContext, GatewayServices } from './services.js';

export function createContext(services: GatewayServices): GatewayContext {
  const logger = createLogger(services.config.services.logLevel);
  const reader = new RunReader({ ...services, logger });
  const openApi = openApiDocument(ROUTES, ownVersion());
  const read = (runId: string) => readJob(reader, runId);
  const watches = new RunWatches({ read, everyMs: 1_000, logger });
  return { ...services, logger, reader, watches, heartbeatMs: 15_000, previews: new Previews(), openApi };
}

/** The HTTP API over the given services. */
export function createApp(context: GatewayContext): Express {
  const app = express();
  app.enable('strict routing');
  app.enable('case sensitive routing');
  // The gateway itself speaks no TLS: a page of it must not ask for its parts by https.
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));

  for (const [path, operations] of Object.entries(ROUTES)) mount(app, context, path, operations);

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
  path: string,
  { get, post, delete: remove }: Partial<Record<'get' | 'post' | 'delete', Operation>>,
): void {
  const expressPath = path.replaceAll(/\{(\w+)\}/g, ':$1');
  const mounted = app.route(expressPath);
  if (get) mounted.get(handlers(context, get));
  if (post) mounted.post(handlers(context, post));
  if (remove) mounted.delete(handlers(context, remove));
  const allowed = [...(get ? ['GET'] : []), ...(post ? ['POST'] : []), ...(remove ? ['DELETE'] : [])];
  mounted.all(() => {
    throw new HttpError(405, 'Method Not Allowed', { Allow: allowed.join(', ') });
  });
  app.all(`${expressPath}/`, withoutSlash);
}

const handlers = (context: GatewayContext, { body, handle }: Operation): RequestHandler[] => [
  ...(body?.limit === undefined ? [] : [rawBody(body.limit)]),
  handle(context),
];

const withoutSlash: RequestHandler = (request, response) => {
  const query = request.originalUrl.slice(request.path.length);
  response.redirect(307, request.path.slice(0, -1) + query);
};
