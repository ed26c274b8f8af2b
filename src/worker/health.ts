import type { ServerResponse } from 'node:http';
import { CONNECTION_LIMITS, createListener, listen, stopListening } from '../listener.js';

/** A port that a worker cannot listen on: says where and why. */
export class HealthError extends Error {
  override readonly name = 'HealthError';
}

/** For Prometheus: text in its format. */
export interface WorkerMetrics {
  contentType: string;
  text(): Promise<string>;
}

interface RunningHealth {
  url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /metrics`, where there are any, and `GET /health` as the gateway does: this process is up. A worker that
 * has ended by itself ends its process, so that no answer is the sign of it.
 */
export async function startHealth(
  { host, port }: { host: string; port: number },
  metrics?: WorkerMetrics,
): Promise<RunningHealth> {
  const server = createListener(CONNECTION_LIMITS, (request, response) => {
    if (metrics && request.method === 'GET' && request.url === '/metrics')
      return sendMetrics(metrics, response);
    const isAsked = request.method === 'GET' && request.url === '/health';
    response.writeHead(isAsked ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAsked ? { status: 'ok' } : { detail: 'Not Found' }));
  });
  const url = await listen(server, { host, port }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HealthError(
      `A worker cannot listen on ${host}:${port} (${reason}): set WORKER_HEALTH_PORT to another port.`,
      { cause },
    );
  });
  return { url, close: () => stopListening(server, 0) };
}

function sendMetrics({ contentType, text }: WorkerMetrics, response: ServerResponse): void {
  text().then(
    (told) => response.writeHead(200, { 'content-type': contentType }).end(told),
    () => response.writeHead(503).end(),
  );
}
