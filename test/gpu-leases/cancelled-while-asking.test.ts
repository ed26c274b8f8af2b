import { Context } from '@temporalio/activity';
import { held } from '../../workflows/contract.js';
import { expect, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { aHolder, aWorldOfHolders, expectTidy, stateOf } from './holders.js';
import { IN_TIME } from '../support/observe.js';

vi.setConfig({ testTimeout: 180_000 });

test('a holder that is cancelled while it asks gives back before it has asked, which nobody hears', async () => {
  const steps: string[] = [];
  let reachCancelled = () => {};
  const cancelled = new Promise<void>((resolve) => (reachCancelled = resolve));
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const between = (activities: Activities): Activities => ({
    ...activities,
    tellPool: async (input) => {
      const { kind } = input.message;
      steps.push(`${kind} begins`);
      if (kind === 'request') {
        await Context.current().cancelled.catch(reachCancelled);
        await opened;
      }
      await activities.tellPool(input);
      steps.push(`${kind} ends`);
    },
  });
  const world = await aWorldOfHolders({ between });
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  const { handle } = await aHolder(world, { training: 1 });
  const isAsking = () => steps.includes('request begins');
  await expect.poll(isAsking, IN_TIME).toBe(true);
  await handle.cancel();
  await cancelled;
  // Whatever else it does upon the cancellation it has begun by the time at which it answers.
  await handle.query(held);
  open();
  await expect(handle.result()).rejects.toThrow(/cancelled/i);
  const own = steps.filter((step) => /^(request|release) /.test(step));
  expect(own).toEqual(['request begins', 'request ends', 'release begins', 'release ends']);
  await expectTidy(world);
});
