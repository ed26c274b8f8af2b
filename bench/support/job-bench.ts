import { setTimeout as sleep } from 'node:timers/promises';
import { latencyDuring, type Latency } from './latency.js';
import type { BenchPlatform } from './platform.js';

const REST_MS = 3_000;

/** Measures jobs one after the other, and how long GET /v1/models takes meanwhile; first at rest, to compare with. */
export async function measureJobs(
  { nimUrl }: BenchPlatform,
  rows: number,
  jobs: Record<string, () => Promise<number>>,
): Promise<void> {
  const url = `${nimUrl}/v1/models`;
  // The first requests of a process are slow, whatever it does.
  await latencyDuring(url, sleep(REST_MS));
  const { latency: rest } = await latencyDuring(url, sleep(REST_MS));
  console.log(`GET /v1/models at rest: ${inWords(rest)}`);
  for (const [name, job] of Object.entries(jobs)) {
    const { latency, result: seconds } = await latencyDuring(url, job());
    const slower = `${(latency.p50 / rest.p50).toFixed(1)} and ${(latency.p99 / rest.p99).toFixed(1)} times rest`;
    console.log(`${name}: ${seconds.toFixed(2)} s, ${Math.round(rows / seconds)} rows/s`);
    console.log(`  GET /v1/models meanwhile: ${inWords(latency)}; ${slower}`);
  }
}

const inWords = ({ p50, p99, requests }: Latency) =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${requests} requests)`;
