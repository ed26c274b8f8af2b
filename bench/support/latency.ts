import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';

/** Milliseconds that a request took, of many. */
export interface Latency {
  p50: number;
  p99: number;
  requests: number;
}

const PAUSE_MS = 5;

/** Requests a URL again and again until `work` is over; one request at a time, so that none waits for another. */
export async function latencyDuring<T>(
  url: string,
  work: Promise<T>,
): Promise<{ latency: Latency; result: T }> {
  let isOver = false;
  const over = work.finally(() => (isOver = true));
  const times: number[] = [];
  do {
    times.push(await timed(url));
    await sleep(PAUSE_MS);
  } while (!isOver);
  return { latency: latencyOf(times), result: await over };
}

async function timed(url: string): Promise<number> {
  const started = performance.now();
  const { body, statusCode } = await request(url);
  await body.dump();
  if (statusCode !== 200) throw new Error(`GET ${url}: ${statusCode}`);
  return performance.now() - started;
}

/** Of requests that took so many milliseconds. */
export function latencyOf(times: number[]): Latency {
  const sorted = times.toSorted((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
  return { p50: quantile(0.5), p99: quantile(0.99), requests: times.length };
}
