import { tsToMs } from '@temporalio/common/lib/time.js';
import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { poolMessages } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { aHolder, aWorldOfHolders, poolOf, stateOf } from './holders.js';

// What a pool that is no more had sent must have arrived before its successor asks who holds what.

vi.setConfig({ testTimeout: 180_000 });

const GRACE_MS = 24 * 3_600_000;

test('a pool takes its census while the last word of the one before may be under way', async () => {
  const world = await aWorldOfHolders({ gpuPool: { graceMs: GRACE_MS, totalGpus: 4 } });
  const first = await aHolder(world, { training: 1 });
  await first.holds();
  const old = (await poolOf(world).describe()).runId;
  await poolOf(world).terminate('a test ends it');
  const listed = async () => {
    const { workflowId } = poolOf(world);
    const pools = world.client.workflow.list({ query: `WorkflowId = "${workflowId}"` });
    for await (const { runId } of pools) if (runId === old) return true;
    return false;
  };
  await expect.poll(listed, IN_TIME).toBe(true);

  await configurePool(world.client, world.taskQueue, world.gpuPool);
  const second = await aHolder(world, { training: 1 });
  const events = async () => (await poolOf(world).fetchHistory()).events ?? [];
  const asked = async () =>
    (await events()).flatMap(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
    );
  // How it is configured, and what the second asks for.
  await expect.poll(asked, IN_TIME).toEqual([poolMessages.name, poolMessages.name]);

  const steps = async () =>
    (await events()).flatMap((event) => {
      const { activityTaskScheduledEventAttributes: activity, timerStartedEventAttributes: timer } = event;
      if (timer) return [`waits ${tsToMs(timer.startToFireTimeout)} ms`];
      return activity?.activityType?.name ?? [];
    });
  await expect.poll(async () => (await steps()).length, IN_TIME).toBeGreaterThan(1);
  expect(await steps()).toEqual(['poolWasThere', `waits ${GRACE_MS} ms`]);
  expect(await stateOf(world)).toMatchObject({ census: true, inUse: 0, queue: [] });
  expect([await first.state(), await second.state()]).toEqual(['holding', 'waiting']);
});
