import { z } from 'zod';
import { metrics } from '../../metrics.js';
import { callerOf } from '../caller.js';
import { HttpError } from '../errors.js';
import { installationMetrics } from '../installation-metrics.js';
import { operation, problem } from '../operation.js';
import { proxyMetrics } from '../proxy-metrics.js';

/** `GET /metrics`: what this process has counted, and how the installation stands; for a key of all clients. */
export const getMetrics = operation(
  {
    id: 'getMetrics',
    tag: 'operation',
    summary: 'What Prometheus collects',
    answers: {
      200: { description: "Metrics in Prometheus's text format", content: { 'text/plain': z.string() } },
      404: problem('The key is not good for all clients, of whom the numbers are together'),
    },
  },
  (context) => async (request, response) => {
    if (callerOf(request).clients !== null) throw new HttpError(404, 'Not Found');
    const { proxy = null } = context;
    const texts = await Promise.all([metrics.metrics(), installationMetrics(context), proxyMetrics(proxy)]);
    response.type(metrics.contentType).send(texts.join('\n'));
  },
);
