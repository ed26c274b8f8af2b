import { once } from 'node:events';
import { createServer } from 'node:http';

/** A port that a worker cannot listen on: says where and why. */
export class HealthError extends Error {
  override readonly name = 'HealthError';
}

interface RunningHealth {
  url: string;
  close(): Promise<void>;
}

/**
 * Answers `GET /health` as the gateway does: this process is up. A worker that has ended by itself ends its process, so
 * that no answer is the sign of it.
 */
export async function startHealth({ host, port }: { host: string; port: number }): Promise<RunningHealth> {
  const server = createServer((request, response) => {
    const isAsked = request.method === 'GET' && request.url === '/health';
    response.writeHead(isAsked ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAsked ? { status: 'ok' } : { detail: 'Not Found' }));
  });
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HealthError(
      `A worker cannot listen on ${host}:${port} (${reason}): set WORKER_HEALTH_PORT to another port.`,
      { cause },
    );
  });
  const address = server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://${host}:${listening}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
