import { once } from 'node:events';
import type { Server } from 'node:http';

/** Opens any free port of this machine. */
export async function listeningUrl(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server listens on no port');
  return `http://127.0.0.1:${address.port}`;
}
