import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { LoggingProxy } from './logging-proxy.js';

/** Longer than clients keep a connection that they do not use. */
const KEEP_ALIVE_MS = 65_000;

/** Serves the proxy alone: `/v1/…` passes, `GET /api/proxy` says how the records are, `GET /health` that it lives. */
export async function serveProxy(
  proxy: LoggingProxy,
  { host, port }: { host: string; port: number },
): Promise<{ url: string; close(): Promise<void> }> {
  let isStopping = false;
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    // Else who goes on asking would keep it for ever.
    if (isStopping) response.shouldKeepAlive = false;
    if (request.url?.startsWith('/v1/')) return proxy.handle(request, response);
    void answer(proxy, request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    async close() {
      isStopping = true;
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      await closed;
    },
  };
}

async function answer(proxy: LoggingProxy, { method, url }: IncomingMessage, response: ServerResponse) {
  const asked = `${method} ${url}`;
  if (asked === 'GET /api/proxy') return json(response, 200, await proxy.status());
  if (asked === 'GET /health') return json(response, 200, { status: 'ok' });
  json(response, 404, { detail: 'Not Found: what is passed on begins with /v1/' });
}

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
