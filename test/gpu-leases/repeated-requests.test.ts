import { tsToMs } from '@temporalio/common/lib/time.js';
import { expect, test, vi } from 'vitest';
import { poolMessages } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import {
  aHolder,
  aWorldOfHolders,
  bundleOfHolders,
  expectTidy,
  poolOf,
  stateOf,
  waiting,
  type Holder,
} from './holders.js';
import { QUICKER } from './workflows/quick-repetitions.js';

vi.setConfig({ testTimeout: 180_000 });

const MINUTE_MS = 60_000;

/** Requests that the pool forgets. */
const LOST = 8;

/** Minutes between the first attempts to ask again. */
async function intervalsOf({ handle }: Holder): Promise<number[]> {
  const { events } = await handle.fetchHistory();
  const [repeating, ...others] = (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) =>
      scheduled?.activityType?.name === 'repeatRequests' ? [scheduled.retryPolicy] : [],
  );
  expect(others).toEqual([]);
  const minutes = (ts: Parameters<typeof tsToMs>[0]) => Math.round((tsToMs(ts) * QUICKER) / MINUTE_MS);
  const { initialInterval, maximumInterval, backoffCoefficient, maximumAttempts } = repeating ?? {};
  expect(maximumAttempts).toBe(0);
  return Array.from({ length: LOST }, (_, i) =>
    Math.min(minutes(initialInterval) * (backoffCoefficient ?? 0) ** i, minutes(maximumInterval)),
  );
}

test('a holder whose request was lost is never heard, or it asks again too often or too rarely', async () => {
  const workflowBundle = await bundleOfHolders('quick-repetitions');
  const world = await aWorldOfHolders({ workflowBundle, gpuPool: { totalGpus: 1 } });
  const first = await aHolder(world, { training: 1 });
  await first.holds();
  const holder = await aHolder(world, { training: 1 });
  const asked = new Set<string>();
  for (let i = 0; i < LOST; i++) {
    await waiting(world, 1);
    const { use } = (await stateOf(world)).queue[0]!;
    asked.add(use);
    await poolOf(world).signal(poolMessages, [{ kind: 'release', use }]);
  }
  await waiting(world, 1);
  // It asks for one use, however often.
  expect(asked.size).toBe(1);
  expect(await intervalsOf(holder)).toEqual([10, 20, 40, 60, 60, 60, 60, 60]);
  const before = (await holder.handle.describe()).historyLength;
  await poolOf(world).signal(poolMessages, [{ kind: 'release', use: [...asked][0]! }]);
  await waiting(world, 1);
  expect((await holder.handle.describe()).historyLength).toBe(before);

  await first.letGo();
  await holder.holds();
  await holder.letGo();
  await expectTidy(world);
});

test('who has what it asked for asks again', async () => {
  const workflowBundle = await bundleOfHolders('quick-repetitions');
  const world = await aWorldOfHolders({ workflowBundle });
  const holder = await aHolder(world, { training: 1 });
  await holder.holds();
  const attempts = async () =>
    (await holder.handle.describe()).raw.pendingActivities?.map(({ attempt }) => attempt)[0] ?? 0;
  const asked = async () => {
    const { events } = await poolOf(world).fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
  };
  // An attempt that began before it had its GPUs may still ask.
  const begun = await attempts();
  await expect.poll(attempts, IN_TIME).toBeGreaterThan(begun);
  const before = await asked();
  await expect.poll(attempts, IN_TIME).toBeGreaterThan(begun + LOST);
  expect(await asked()).toBe(before);
  await holder.letGo();
  await expectTidy(world);
});
