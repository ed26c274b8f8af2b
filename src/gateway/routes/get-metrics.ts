import type { RequestHandler } from 'express';
import { metrics } from '../../metrics.js';
import { callerOf } from '../caller.js';
import { HttpError } from '../errors.js';
import { installationMetrics } from '../installation-metrics.js';
import type { GatewayContext } from '../services.js';

/** `GET /metrics`: what this process has counted, and how the installation stands; for a key of all clients. */
export const getMetrics =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    // The numbers are of all clients together.
    if (callerOf(request).clients !== null) throw new HttpError(404, 'Not Found');
    const texts = await Promise.all([metrics.metrics(), installationMetrics(context)]);
    response.type(metrics.contentType).send(texts.join('\n'));
  };
