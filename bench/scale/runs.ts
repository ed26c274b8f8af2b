import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Slots } from '../../src/gateway/slots.js';
import { Api } from '../../test/support/api.js';
import { ORDERS } from '../../test/support/order-logs.js';
import { CANDIDATE, FLYWHEEL_RUN } from '../../workflows/contract.js';

const SENT_AT_A_TIME = 8;
const LOOK_MS = 1_000;
const ROWS = 20;

/** Starts so many runs by HTTP; `ids` grows while it does. */
export async function submit(url: string, runs: number, ids: string[]): Promise<void> {
  const api = new Api(url);
  const slots = new Slots(SENT_AT_A_TIME);
  const one = () =>
    slots.use(async () => ids.push(await api.start(ORDERS.workload, ORDERS.client, { eval_size: ROWS })));
  await Promise.all(Array.from({ length: runs }, one));
}

/** Resolves when all runs have ended; calls `opened` when all candidates have begun. */
export async function untilEnded(
  client: Client,
  runs: number,
  candidatesOfRun: number,
  opened: () => void,
): Promise<void> {
  const count = async (query: string) => (await client.workflow.count(query)).count;
  for (let isOpen = false; ; await sleep(LOOK_MS)) {
    const begun = await count(`WorkflowType = "${CANDIDATE}"`);
    const ended = await count(`WorkflowType = "${FLYWHEEL_RUN}" AND ExecutionStatus != "Running"`);
    if (!isOpen && begun >= runs * candidatesOfRun) {
      isOpen = true;
      opened();
    }
    if (ended >= runs) return;
  }
}

/** How many ended in each status, and why those failed that did. */
export async function outcomes(
  url: string,
  ids: readonly string[],
): Promise<{ statuses: Record<string, number>; errors: string[] }> {
  const api = new Api(url);
  const slots = new Slots(SENT_AT_A_TIME);
  const ended = async (id: string) => {
    for (;;) {
      const job = await slots.use(() => api.job(id));
      if (job.finished_at !== null) return job;
      // What is shown may be some seconds old.
      await sleep(LOOK_MS);
    }
  };
  const jobs = await Promise.all(ids.map(ended));
  const statuses: Record<string, number> = {};
  const errors = new Set<string>();
  for (const { status, error, nims } of jobs) {
    statuses[status] = (statuses[status] ?? 0) + 1;
    for (const each of [error, ...nims.map((nim) => nim.error)]) if (each) errors.add(each);
  }
  return { statuses, errors: [...errors] };
}
