import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { connectClient, connectWorker } from '../../src/temporal.js';
import { bundlePath } from '../../src/worker/bundle.js';
import { type RunningWorker, startWorker } from '../../src/worker/worker.js';
import { dataQueue, DELETE_RUN, type DeleteRunInput, watchQueue } from '../../workflows/contract.js';
import '../support/quiet-runtime.js';
import { runRecord } from '../support/stores.js';

type Connected = Awaited<ReturnType<typeof connectWorker>>;
let client: Client;
let closeClient: () => Promise<void>;
let connected: Connected;
beforeAll(async () => {
  const { address } = inject('temporal');
  ({ client, close: closeClient } = await connectClient(address));
  connected = await connectWorker(address);
});
afterAll(async () => {
  await closeClient();
  await connected.connection.close();
});

const nothing = () => Promise.resolve();
/** What `deleteRun` calls; the rest is not called here. */
const deletions = {
  awaitRunClosed: nothing,
  stopJobsOfRun: nothing,
  deleteCustomization: nothing,
  deleteEvaluations: nothing,
  deleteDatasets: nothing,
  deleteRunRecord: nothing,
};

const aWorker = (taskQueue: string, activities: Partial<Activities>): Promise<RunningWorker> =>
  startWorker({
    ...connected,
    taskQueue,
    activities: { ...deletions, ...activities } as Activities,
    workflowBundle: { codePath: bundlePath() },
  });

function startDeletion(taskQueue: string) {
  const { config } = runRecord(1);
  const timing = { ...config.timing, heartbeatTimeoutMs: 60_000 };
  return client.workflow.start(DELETE_RUN, {
    workflowId: randomUUID(),
    taskQueue,
    args: [{ runId: 'a', workloadId: 'w', config: { ...config, timing } } satisfies DeleteRunInput],
  });
}

test('one of the three queues has no worker', async () => {
  const taskQueue = `worker-${randomUUID()}`;
  const worker = await aWorker(taskQueue, {});
  const pollersOf = async (name: string) => {
    const queue = { namespace: 'default', taskQueue: { name }, taskQueueType: 2 };
    const { pollers } = await client.workflowService.describeTaskQueue(queue);
    return pollers?.length ?? 0;
  };
  for (const name of [taskQueue, watchQueue(taskQueue), dataQueue(taskQueue)])
    await expect.poll(() => pollersOf(name), { timeout: 15_000 }).toBeGreaterThan(0);
  await worker.stop();
});

test('a worker that is stopped keeps what is under way from its successor', async () => {
  const taskQueue = `worker-${randomUUID()}`;
  let begun = false;
  const first = await aWorker(taskQueue, {
    async awaitRunClosed() {
      begun = true;
      await Context.current().cancelled;
    },
  });
  const deletion = await startDeletion(taskQueue);
  await expect.poll(() => begun, { timeout: 15_000 }).toBe(true);
  await first.stop();
  await expect(first.done).resolves.toBeUndefined();

  const second = await aWorker(taskQueue, {});
  await expect(deletion.result()).resolves.toBeUndefined();
  await second.stop();
}, 60_000);

test('deletions that wait for their runs to end leave no turn to short activities', async () => {
  const taskQueue = `worker-${randomUUID()}`;
  const worker = await aWorker(taskQueue, {});
  const deletion = await startDeletion(taskQueue);
  await deletion.result();
  await worker.stop();
  const { events } = await deletion.fetchHistory();
  const queues = new Map(
    events?.map(({ activityTaskScheduledEventAttributes: scheduled }) => [
      scheduled?.activityType?.name,
      scheduled?.taskQueue?.name,
    ]),
  );
  expect(queues.get('awaitRunClosed')).toBe(watchQueue(taskQueue));
  expect(queues.get('deleteRunRecord')).toBe(taskQueue);
});

test('a worker that is stopped twice hangs', async () => {
  const worker = await aWorker(`worker-${randomUUID()}`, {});
  await worker.stop();
  await expect(worker.stop()).resolves.toBeUndefined();
});
