import { Pool } from 'undici';
import { setTimeout as sleep } from 'node:timers/promises';

const CONNECTIONS = 64;

/** How long a request took, in ms, of each target. */
export type Times = Record<string, number[]>;

/** So long one target is asked before it is the other's turn, so that what a turn leaves to do falls into it for the most part. */
const TURN_SECONDS = 5;

/**
 * Sends `perSecond` requests a second to each of the targets for so long, one target at a time and evenly, whether or not
 * the earlier ones are answered; each is timed from its sending to the last byte of its answer.
 */
export async function load(
  targets: Record<string, string>,
  options: { perSecond: number; seconds: number; path: string; body: string },
): Promise<Times> {
  const { perSecond, seconds, path, body } = options;
  const pools = Object.entries(targets).map(([name, url]) => ({
    name,
    times: [] as number[],
    pool: new Pool(url, { connections: CONNECTIONS, pipelining: 1 }),
  }));
  const total = perSecond * seconds * pools.length;
  const pauseMs = 1000 / perSecond;
  const begun = performance.now();
  const under: Promise<void>[] = [];
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor((performance.now() - begun) / pauseMs));
    for (; sent < due; sent++) {
      const target = pools[Math.floor(sent / (perSecond * TURN_SECONDS)) % pools.length];
      if (target) under.push(timed(target.pool, path, body).then((ms) => void target.times.push(ms)));
    }
    await sleep(1);
  }
  await Promise.all(under);
  await Promise.all(pools.map(({ pool }) => pool.close()));
  return Object.fromEntries(pools.map(({ name, times }) => [name, times]));
}

async function timed(pool: Pool, path: string, body: string): Promise<number> {
  const started = performance.now();
  const headers = { 'content-type': 'application/json' };
  const answer = await pool.request({ method: 'POST', path, headers, body });
  await answer.body.dump({ limit: Number.POSITIVE_INFINITY });
  if (answer.statusCode !== 200) throw new Error(`${path}: ${answer.statusCode}`);
  return performance.now() - started;
}
