import type { RequestHandler } from 'express';
import type { LoggingProxy } from '../../proxy/index.js';
import { HttpError } from '../errors.js';
import type { GatewayContext } from '../services.js';

/** `/v1/chat/completions` and `/v1/models`: the upstream's answers, as they are. */
export const passOn =
  (proxy: LoggingProxy): RequestHandler =>
  (request, response) => {
    // Express has taken away what it was mounted at.
    request.url = request.originalUrl;
    proxy.handle(request, response);
  };

/** `GET /api/proxy`: where traffic passes on to, and what has become of its records. */
export const getProxy =
  ({ proxy }: GatewayContext): RequestHandler =>
  async (_request, response) => {
    if (!proxy)
      throw new HttpError(
        404,
        'Nothing is passed on: set proxy.upstream in the configuration of the gateway.',
      );
    response.json(await proxy.status());
  };
