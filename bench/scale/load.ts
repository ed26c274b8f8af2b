import type { Client } from '@temporalio/client';
import { Api } from '../../test/support/api.js';
import { orderLogs } from '../../test/support/order-logs.js';
import { eventsOf } from './histories.js';
import type { ScaleInstallation } from './installation.js';
import type { Readings } from './reader-messages.js';
import { readDuring } from './readers.js';
import { outcomes, submit, untilEnded } from './runs.js';

export const MODELS = ['stand-in/tiny-1b', 'stand-in/tiny-3b', 'stand-in/tiny-8b'];
const JOBS_READ = 20;
const CONVERSATIONS = 20;

/** So many runs before: code that has just begun is slow, of whichever process. */
const WARM_UP = 5;

export interface Load {
  /** Seconds until the last run was taken, its last candidate had begun, and all had ended. */
  taken: number;
  open: number;
  ended: number;
  statuses: Record<string, number>;
  errors: string[];
  readings: Readings;
  events: { candidate: number; pool: number; pools: number };
}

/** So many runs at once, read all the while: twenty of them, spread over all. */
export async function measureLoad(
  { url, client }: ScaleInstallation,
  { runs, rate }: { runs: number; rate: number },
): Promise<Load> {
  await new Api(url).importRecords(orderLogs(CONVERSATIONS));
  await warmUp(url, client, rate);
  const ids: string[] = [];
  const startedAt = performance.now();
  const since = () => (performance.now() - startedAt) / 1000;
  const times = { taken: 0, open: 0, ended: 0 };
  const all = async () => {
    await submit(url, runs, ids);
    times.taken = since();
    await untilEnded(client, WARM_UP + runs, MODELS.length, () => (times.open = since()));
    times.ended = since();
  };
  const { readings } = await readDuring(url, () => some(ids, runs), rate, all());
  return { ...times, ...(await outcomes(url, ids)), readings, events: await eventsOf(client) };
}

async function warmUp(url: string, client: Client, rate: number): Promise<void> {
  const ids: string[] = [];
  const all = submit(url, WARM_UP, ids).then(() =>
    untilEnded(client, WARM_UP, MODELS.length, () => undefined),
  );
  await readDuring(url, () => some(ids, WARM_UP), rate, all);
}

/** The same jobs from the moment at which they are there. */
const some = (ids: readonly string[], runs: number): string[] =>
  ids.filter((_, i) => i % Math.ceil(runs / JOBS_READ) === 0);
