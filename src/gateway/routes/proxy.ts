import type { Request, RequestHandler } from 'express';
import type { LoggingProxy } from '../../proxy/index.js';
import { proxyStatus } from '../../proxy/status.js';
import { callerOf, callerOrNull, isWithin } from '../caller.js';
import { HttpError } from '../errors.js';
import { json, operation, problem } from '../operation.js';

/** And all below: the upstream's answers, as they are. */
export const PASSED_ON = ['/v1/chat/completions', '/v1/models'];

/** `Authorization` is for the upstream. */
const KEY_HEADER = 'X-Flywheel-Key';

export const proxyKeyOf = (request: Request): string | null => request.get(KEY_HEADER) ?? null;

/** Passes on what may be logged: where keys are configured, the caller's must be good for the client. */
export const passOn =
  (proxy: LoggingProxy): RequestHandler =>
  (request, response) => {
    const caller = callerOrNull(request);
    if (caller === null)
      throw new HttpError(
        401,
        `A key that is known here is needed: send it in the header \`${KEY_HEADER}\`.`,
      );
    const { clientId } = proxy.namesOf(request.headers);
    if (clientId !== null && !isWithin(caller, clientId))
      throw new HttpError(404, 'This key is not good for the client of this request.');
    // Express has taken away what it was mounted at.
    request.url = request.originalUrl;
    proxy.handle(request, response);
  };

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
