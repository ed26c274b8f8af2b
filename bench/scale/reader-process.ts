// Reads jobs at a fixed rate in a process of its own: takes the gateway's URL and requests a second, says what it saw over IPC.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { quantile } from './quantile.js';
import type { ReaderOrder, Readings } from './reader-messages.js';

const LIMIT_MS = 10_000;
const Aged = z.looseObject({ stale_seconds: z.number().nullish() });

const [url = '', rate = ''] = process.argv.slice(2);
const perSecond = Number(rate);

let ids: string[] = [];
let isOver = false;
process.on('message', (order: ReaderOrder) => {
  if ('ids' in order) ids = order.ids;
  else isOver = true;
});
process.on('disconnect', () => process.exit());

process.send?.(await readAll());

/** One after the other round and round; a request that is sent late counts from when it was due. */
async function readAll(): Promise<Readings> {
  const agent = new Agent({ connections: perSecond });
  const seen: { ms: number; age: number | null }[] = [];
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let i = 0; !isOver; i++) {
    const dueAt = startedAt + (i * 1000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    const id = ids[i % ids.length];
    if (id === undefined) continue;
    const reading = ageOf(agent, `${url}/api/jobs/${id}`).then((age) => {
      seen.push({ ms: performance.now() - dueAt, age });
      open.delete(reading);
    });
    open.add(reading);
  }
  await Promise.all(open);
  return summary(seen);
}

/** Seconds; null: the request failed. */
async function ageOf(dispatcher: Agent, job: string): Promise<number | null> {
  try {
    const { statusCode, body } = await request(job, { dispatcher, signal: AbortSignal.timeout(LIMIT_MS) });
    const text = await body.text();
    return statusCode === 200 ? (Aged.parse(JSON.parse(text)).stale_seconds ?? 0) : null;
  } catch {
    return null;
  }
}

function summary(seen: readonly { ms: number; age: number | null }[]): Readings {
  const times = seen.map(({ ms }) => ms);
  const ages = seen.flatMap(({ age }) => (age === null ? [] : [age]));
  return {
    requests: seen.length,
    failed: seen.length - ages.length,
    old: ages.filter((age) => age > 0).length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    max: quantile(times, 1),
    ageP99: quantile(ages, 0.99),
    ageMax: quantile(ages, 1),
  };
}
