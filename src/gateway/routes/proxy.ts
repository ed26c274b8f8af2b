import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { LoggingProxy } from '../../proxy/index.js';
import { callerByKey, callerOf, isWithin } from '../caller.js';
import { HttpError } from '../errors.js';
import { json, operation, problem } from '../operation.js';
import type { GatewayContext } from '../services.js';
import { count } from '../wire-words.js';

/** `Authorization` is for the upstream. */
const KEY_HEADER = 'X-Flywheel-Key';

/** Where keys are configured: whose key is good for the client that the request would be logged under. */
export const guardProxy =
  ({ config: { apiKeys } }: GatewayContext, proxy: LoggingProxy): RequestHandler =>
  (request, _response, next) => {
    if (apiKeys.length === 0) return next();
    const caller = callerByKey(apiKeys, request.get(KEY_HEADER) ?? null);
    if (caller === null)
      throw new HttpError(
        401,
        `A key that is known here is needed: send it in the header \`${KEY_HEADER}\`.`,
      );
    const { clientId } = proxy.namesOf(request.headers);
    if (clientId !== null && !isWithin(caller, clientId))
      throw new HttpError(404, 'This key is not good for the client of this request.');
    next();
  };

/** `/v1/chat/completions` and `/v1/models`: the upstream's answers, as they are. */
export const passOn =
  (proxy: LoggingProxy): RequestHandler =>
  (request, response) => {
    // Express has taken away what it was mounted at.
    request.url = request.originalUrl;
    proxy.handle(request, response);
  };

const proxyStatus = z
  .object({
    upstream: z.string(),
    records: z.object({
      stored: count,
      waiting: count,
      waiting_bytes: count,
      waiting_bytes_limit: count.describe('beyond so many waiting bytes records are dropped'),
      dropped: count,
      refused: count,
    }),
    not_logged: z.record(z.string(), count).describe('by reason'),
    store_problem: z.string().nullable().describe('why the store takes nothing; null: it does'),
  })
  .meta({ id: 'ProxyStatus' });

/** `GET /api/proxy`: where traffic passes on to, and what has become of its records. */
export const getProxy = operation(
  {
    id: 'getProxy',
    tag: 'logs and datasets',
    summary: 'Where traffic passes on to, and what has become of its records',
    answers: {
      200: json('Of this gateway', proxyStatus),
      404: problem('Nothing is passed on, or the key is not good for all clients'),
    },
  },
  ({ proxy }) =>
    async (request, response) => {
      // What is counted is of all clients together.
      if (callerOf(request).clients !== null) throw new HttpError(404, 'Not Found');
      if (!proxy)
        throw new HttpError(
          404,
          'Nothing is passed on: set proxy.upstream in the configuration of the gateway.',
        );
      response.json(await proxy.status());
    },
);
