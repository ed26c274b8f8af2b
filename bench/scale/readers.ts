import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { quantile } from './quantile.js';

/** What those saw who read jobs all the time. */
export interface Readings {
  requests: number;
  failed: number;
  /** Answers with a document that said that it was not of now. */
  old: number;
  /** Milliseconds from the moment at which a request was due to the end of its answer. */
  p50: number;
  p99: number;
  max: number;
  /** Seconds: how old the document was. */
  ageP99: number;
  ageMax: number;
}

const LIMIT_MS = 10_000;
const Aged = z.looseObject({ stale_seconds: z.number().nullish() });

/**
 * Reads jobs at a fixed rate until `work` is over, one after the other round and round; a request that is late because
 * the one before was slow counts from when it was due.
 */
export async function readDuring<T>(
  url: string,
  ids: () => readonly string[],
  perSecond: number,
  work: Promise<T>,
): Promise<{ readings: Readings; result: T }> {
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  const agent = new Agent({ connections: perSecond });
  const seen: { ms: number; age: number | null }[] = [];
  const open = new Set<Promise<void>>();
  const startedAt = performance.now();
  for (let i = 0; !isOver; i++) {
    const dueAt = startedAt + (i * 1000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    const known = ids();
    const id = known[i % known.length];
    if (id === undefined) continue;
    const reading = ageOf(agent, `${url}/api/jobs/${id}`).then((age) => {
      seen.push({ ms: performance.now() - dueAt, age });
      open.delete(reading);
    });
    open.add(reading);
  }
  await Promise.all(open);
  await agent.close();
  return { readings: summary(seen), result: await over };
}

/** Seconds; null: the request failed. */
async function ageOf(dispatcher: Agent, url: string): Promise<number | null> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(LIMIT_MS) });
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
