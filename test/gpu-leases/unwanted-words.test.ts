import { expect, test, vi } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import type { HeldUse, PoolAnswer, PoolMessage } from '../../src/gpu-pool.js';
import { gpuAnswer, held, poolMessages } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { Troubles } from '../support/troubles.js';
import { aHolder, aWorldOfHolders, expectTidy, poolOf, stateOf } from './holders.js';

// What reaches somebody who did not ask for it, or does not any more.

vi.setConfig({ testTimeout: 180_000 });

const FOREIGN = `flywheel-${'0'.repeat(24)}-holder/work/01234567`;

test('a holder answers what it is told about uses that it does not have by giving GPUs back', async () => {
  const said: PoolMessage[] = [];
  const between = (activities: Activities): Activities => ({
    ...activities,
    tellPool: async (input) => {
      said.push(input.message);
      await activities.tellPool(input);
    },
  });
  const world = await aWorldOfHolders({ between });
  const { handle, holds, letGo } = await aHolder(world, { training: 1 }, { forever: true });
  const using = async () => (await handle.query(held))[0] as HeldUse;
  await holds();
  const over = (await using()).use;
  await letGo();
  await expect
    .poll(async () => [(await using()).use !== over, (await using()).state], IN_TIME)
    .toEqual([true, 'holding']);
  const { use } = await using();

  const before = said.length;
  for (const unwanted of [FOREIGN, over]) {
    const answers: PoolAnswer[] = [
      { kind: 'ready', use: unwanted },
      { kind: 'failed', use: unwanted, model: 'stand-in/tiny-1b', reason: 'it is gone' },
      { kind: 'refused', use: unwanted, reason: 'it never fits' },
    ];
    for (const answer of answers) await handle.signal(gpuAnswer, answer);
  }
  await handle.signal(gpuAnswer, { kind: 'ready', use });
  // It answers after it has heard all of that.
  expect(await using()).toMatchObject({ use, state: 'holding' });
  expect(said.slice(before)).toEqual([]);
  expect((await stateOf(world)).trainings).toEqual([{ use, gpus: 1 }]);
  await handle.cancel();
  await expectTidy(world);
});

test('GPUs that were asked for in the name of an open holder, which does not know of it, are never given back', async () => {
  const troubles = new Troubles();
  const world = await aWorldOfHolders({ between: troubles.between, gpuPool: { totalGpus: 2 } });
  const holder = await aHolder(world, { training: 1 });
  await holder.holds();
  const look = troubles.holds('lookAround', /./, 'before');
  await look.struck;
  // One is granted, the other waits.
  const strays = ['/work/0badcafe', '/work/1badcafe'].map((tail) => holder.id + tail);
  const requests = strays.map((use) => ({ kind: 'request', use, needs: { training: 1 } }) as const);
  await poolOf(world).signal(poolMessages, requests);
  const usesOfPool = async () => {
    const { trainings, queue } = await stateOf(world);
    return [...trainings, ...queue].map(({ use }) => use);
  };
  expect((await usesOfPool()).slice(-2)).toEqual(strays);
  look.lift();
  await expect.poll(async () => (await usesOfPool()).length, IN_TIME).toBe(1);
  expect((await usesOfPool())[0]).toContain(holder.id);
  expect(strays).not.toContain((await usesOfPool())[0]);
  expect(await holder.state()).toBe('holding');
  await holder.letGo();
  await expectTidy(world);
});
