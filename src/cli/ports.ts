import { once } from 'node:events';
import { createServer } from 'node:net';
import { Problem } from './problem.js';

/**
 * A port that is free: the wanted one, or any when 0 is wanted. One that is taken is a Problem that says so, and how to
 * use what may be there.
 */
export async function portFor(part: string, wanted: number, instead: string): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    throw new Problem(
      `port ${wanted}, which ${part} needs, is used by another program: stop it first. \`npm start\` may be running ` +
        `already; to use what it has started, set ${instead}.`,
    );
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : wanted;
}
