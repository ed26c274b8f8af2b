import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONNECTION_LIMITS, createListener, listen, stopListening } from '../listener.js';
import type { LoggingProxy } from './logging-proxy.js';

/**
 * Serves the proxy alone: `/v1/…` passes, `GET /api/proxy` says how the records are, `GET /health` that it lives. `close`
 * takes no more requests, and lets those that are under way end for that time.
 */
export async function serveProxy(
  proxy: LoggingProxy,
  { stopTimeoutMs, ...at }: { host: string; port: number; stopTimeoutMs: number },
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createListener(CONNECTION_LIMITS, (request, response) => {
    if (request.url?.startsWith('/v1/')) return proxy.handle(request, response);
    void answer(proxy, request, response);
  });
  return { url: await listen(server, at), close: () => stopListening(server, stopTimeoutMs) };
}

async function answer(proxy: LoggingProxy, { method, url }: IncomingMessage, response: ServerResponse) {
  const asked = `${method} ${url}`;
  if (asked === 'GET /api/proxy') return json(response, 200, await proxy.status());
  if (asked === 'GET /health') return json(response, 200, { status: 'ok' });
  json(response, 404, { detail: 'Not Found: what is passed on begins with /v1/' });
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
