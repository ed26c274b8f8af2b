import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import { holderOf, runOfHolder, stepOf, TRAINING } from '../../src/gpu-pool.js';
import { Api } from '../../test/support/api.js';
import { orderLogs } from '../../test/support/order-logs.js';
import { platformOf } from '../../test/support/observe.js';
import {
  candidateWorkflowId,
  CUSTOMIZATION_ACTIVITY,
  gpuPoolWorkflowId,
  leases,
  DEFAULT_TASK_QUEUE,
} from '../../workflows/contract.js';
import type { ScaleInstallation } from './installation.js';
import { submit } from './runs.js';

/** Trains for 15 s; the others until they are stopped. */
const SLOW = 'stand-in/slow-training-1b';
const ENDLESS = ['stand-in/hang-training-1b', 'stand-in/hang-training-3b'];
const RUNS = 20;
const QUEUED = 5;

/** All but five GPUs are taken by trainings without an end, and those by a judge and its model: whatever comes then waits. */
export const CANCEL_OPTIONS = {
  gpus: RUNS * ENDLESS.length + 5,
  trainingSeconds: null,
  models: [SLOW, ...ENDLESS],
  poll: '2s',
};

/** Seconds. */
export interface Cancels {
  /** From the platform's change of a training to the end of its activity, as Temporal noted it. */
  reactions: number[];
  /** From the request to cancel a run to the end of each of its trainings on the platform. */
  stopped: number[];
  /** From the request to cancel a run of which all waits for GPUs until nothing of it does. */
  dequeued: number[];
  /** From the request to the end of the run. */
  ended: number[];
}

const CONVERSATIONS = 20;
const PAUSE_MS = 700;
const LOOK_MS = 200;
const SHORT_MS = 20;
const Job = z.object({
  updated_at: z.string().transform((text) => Date.parse(`${text.replace(/Z$/, '')}Z`)),
});

export async function measureCancels({ url, nemoUrl, client }: ScaleInstallation): Promise<Cancels> {
  await new Api(url).importRecords(orderLogs(CONVERSATIONS));
  const ids: string[] = [];
  await submit(url, RUNS, ids);
  await until(async () => {
    const trainings = (await Promise.all(ids.map((id) => platformOf(nemoUrl, id)))).flatMap(
      ({ customizations }) => customizations.map(({ status }) => status),
    );
    const count = (wanted: string) => trainings.filter((status) => status === wanted).length;
    return count('completed') === RUNS && count('running') === RUNS * ENDLESS.length;
  });
  const reactions = await Promise.all(ids.map((id) => reactionOf(client, nemoUrl, id)));
  const queued: string[] = [];
  await submit(url, QUEUED, queued);
  const waits = (step: string) => waiting(client).then((uses) => uses.filter((use) => stepOf(use) === step));
  await until(async () => (await waits(TRAINING)).length === QUEUED * CANCEL_OPTIONS.models.length);
  const cancels: Cancels = { reactions, stopped: [], dequeued: [], ended: [] };
  const looks: Promise<void>[] = [];
  // Those that wait first: what the others give back is theirs.
  for (const id of [...queued, ...ids]) {
    looks.push(cancelAndLook({ url, nemoUrl, client, id }, queued, cancels));
    // Never at the same moment between two polls.
    await sleep(Math.random() * PAUSE_MS);
  }
  await Promise.all(looks);
  return cancels;
}

async function cancelAndLook(
  { url, nemoUrl, client, id }: { url: string; nemoUrl: string; client: Client; id: string },
  queued: readonly string[],
  { stopped, dequeued, ended }: Cancels,
): Promise<void> {
  const api = new Api(url);
  const askedAt = Date.now();
  await api.call('POST', `/api/jobs/${id}/cancel`);
  if (queued.includes(id)) {
    const isThere = (use: string) => runOfHolder(holderOf(use)) === id;
    await until(async () => !(await waiting(client)).some(isThere), SHORT_MS);
    dequeued.push((Date.now() - askedAt) / 1000);
  }
  await until(async () => (await api.job(id)).finished_at !== null);
  const { finished_at } = await api.job(id);
  ended.push((Date.parse(`${finished_at}Z`) - askedAt) / 1000);
  for (const { id: job, status } of (await platformOf(nemoUrl, id)).customizations)
    if (status === 'cancelled') stopped.push(((await changedAt(nemoUrl, job)) - askedAt) / 1000);
}

const waiting = async (client: Client): Promise<string[]> => {
  const pool = client.workflow.getHandle(gpuPoolWorkflowId(DEFAULT_TASK_QUEUE));
  return (await pool.query(leases)).queue.map(({ use }) => use);
};

async function changedAt(nemoUrl: string, job: string): Promise<number> {
  const response = await fetch(`${nemoUrl}/v1/customization/jobs/${job}`);
  return Job.parse(await response.json()).updated_at;
}

async function reactionOf(client: Client, nemoUrl: string, id: string): Promise<number> {
  const { customizations } = await platformOf(nemoUrl, id);
  const job = customizations.find(({ status }) => status === 'completed')?.id ?? '';
  let knownAt = NaN;
  await until(async () => {
    knownAt = await trainingKnownAt(client, candidateWorkflowId(id, SLOW));
    return !Number.isNaN(knownAt);
  });
  return knownAt - (await changedAt(nemoUrl, job)) / 1000;
}

/** Epoch seconds at which Temporal took the result of a candidate's training; NaN: not yet. */
async function trainingKnownAt(client: Client, workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const scheduled = events?.find(
    ({ activityTaskScheduledEventAttributes: at }) => at?.activityId === CUSTOMIZATION_ACTIVITY,
  );
  const completed = events?.find(({ activityTaskCompletedEventAttributes: at }) =>
    at?.scheduledEventId?.equals(scheduled?.eventId ?? 0),
  );
  return Number(completed?.eventTime?.seconds) + Number(completed?.eventTime?.nanos) / 1e9;
}

async function until(isSo: () => Promise<boolean>, pauseMs = LOOK_MS): Promise<void> {
  while (!(await isSo())) await sleep(pauseMs);
}
