import { expect, test } from 'vitest';
import { completedSince } from '../../src/gateway/completed-tasks.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { aGateway } from './gateway-world.js';
import { aWorker, bundleStandIns, startedJob } from './open-job.js';

bundleStandIns();

const SIGNALS = 30;

test('a task that waits for a worker is counted, or one that was done is not', async () => {
  const world = await aGateway();
  const id = await startedJob(world);
  const handle = world.temporal.workflow.getHandle(runWorkflowId(id));
  const completed = async (events: number) =>
    await completedSince(world.temporal, await handle.describe(), events);
  expect(await completed(0)).toBe(0);
  const stopWorker = await aWorker(world);
  await expect.poll(() => completed(0), IN_TIME).toBeGreaterThan(0);
  await stopWorker();

  const { historyLength } = await handle.describe();
  for (let i = 0; i < SIGNALS; i++) await handle.signal('nothing it knows');
  expect((await handle.describe()).raw.pendingWorkflowTask).toBeTruthy();
  expect(await completed(historyLength)).toBe(0);
  await aWorker(world);
  await expect.poll(() => completed(historyLength), IN_TIME).toBe(1);
  expect(await completed(0)).toBeGreaterThan(1);
});
