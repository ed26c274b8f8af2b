import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { CANDIDATE } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { aWorldOfHolders, expectTidy, stateOf } from './holders.js';
import type { HolderInput } from './workflows/index.js';

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
  const input: HolderInput = { needs: { training: 1 }, timing: world.config.run.timing, forever: false };
  const handle = await world.client.workflow.start(CANDIDATE, {
    workflowId: `flywheel-${randomBytes(12).toString('hex')}-holder`,
    taskQueue: world.taskQueue,
    args: [input],
    // Long before the message is given up the worker hears what else has happened.
    workflowTaskTimeout: '5s',
  });
  const isAsking = () => steps.includes('request begins');
  await expect.poll(isAsking, IN_TIME).toBe(true);
  await handle.cancel();
  await cancelled;
  // Its worker has time to go on, if it does.
  await stateOf(world);
  await stateOf(world);
  open();
  await expect(handle.result()).rejects.toThrow(/cancelled/i);
  expect(steps).toContain('release ends');
  // Where its worker was too slow for Temporal some of it is done again: what has begun has ended all the same.
  const released = steps.flatMap((step, at) => (step === 'release begins' ? [steps.slice(0, at)] : []));
  for (const before of released) {
    const asked = before.filter((step) => step === 'request begins');
    expect(before.filter((step) => step === 'request ends')).toHaveLength(asked.length);
    expect(asked).not.toEqual([]);
  }
  await expectTidy(world);
});
