import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than any poll interval, so that callers find their connection open. */
const KEEP_ALIVE_MS = 65_000;

/** Opens a port. Rejects with a message that says which port serves what and why it could not be opened. */
export function listen(
  app: RequestListener,
  { host, port, serves }: { host: string; port: number; serves: string },
): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, app);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE'
          ? 'another program is using it. Stop that program or choose another port.'
          : error.message;
      reject(
        new Error(`nemo-local cannot open port ${port} on ${host} for ${serves}: ${reason}`, {
          cause: error,
        }),
      );
    });
    server.listen(port, host, () => resolve(server));
  });
}

export function urlOf(server: Server): string {
  const address = server.address();
  if (typeof address !== 'object' || address === null)
    throw new Error('the server is not listening on a port');
  return `http://${address.address}:${address.port}`;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
