import { tsToMs } from '@temporalio/common/lib/time.js';
import { expect, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { IN_TIME } from '../support/observe.js';
import { aHolder, aWorldOfHolders, bundleOfHolders, expectTidy, stateOf } from './holders.js';
import { SHORTENED } from './workflows/short-timers.js';

vi.setConfig({ testTimeout: 180_000 });

const MINUTE_MS = 60_000;

/** Requests that the pool never hears. */
const LOST = 8;

test('a holder whose request was lost is never heard, or it asks again too often or too rarely', async () => {
  const asked: string[] = [];
  const between = (activities: Activities): Activities => ({
    ...activities,
    tellPool: async (input) => {
      if (input.message.kind === 'request' && asked.push(input.message.use) <= LOST) return;
      await activities.tellPool(input);
    },
  });
  const workflowBundle = await bundleOfHolders('short-timers');
  const world = await aWorldOfHolders({ workflowBundle, between });
  // A pool that begins would find who waits by itself.
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  const holder = await aHolder(world, { training: 1 });
  await holder.holds();
  // It asks for one use, however often.
  expect(new Set(asked).size).toBe(1);
  const { events } = await holder.handle.fetchHistory();
  const waits = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
    timer ? [(tsToMs(timer.startToFireTimeout) * SHORTENED) / MINUTE_MS] : [],
  );
  expect(waits.slice(0, LOST)).toEqual([10, 20, 40, 80, 160, 320, 360, 360]);
  await holder.letGo();
  await expectTidy(world);
});
