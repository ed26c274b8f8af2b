import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.js';

/** Longer than parts of an installation take to end whose parent was killed: the guard forces its program after 5 s. */
const PATIENCE_MS = 7_000;
const INTERVAL_MS = 100;

/**
 * A port that is free, or is so within a few seconds: the wanted one, or any when 0 is wanted. One that stays taken is a
 * Problem that says so, and how to use what may be there.
 */
export async function portFor(part: string, wanted: number, instead: string): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  let port = await tryPort(wanted);
  while (port === null && Date.now() < deadline) {
    await sleep(INTERVAL_MS);
    port = await tryPort(wanted);
  }
  if (port !== null) return port;
  throw new Problem(
    `port ${wanted}, which ${part} needs, is used by another program: stop it first. \`npm start\` may be running ` +
      `already; to use what it has started, set ${instead}.`,
  );
}

/** null: it is taken. */
async function tryPort(wanted: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(wanted, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return null;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : wanted;
}
