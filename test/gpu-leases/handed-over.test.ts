import { expect, test, vi } from 'vitest';
import { poolMessages } from '../../workflows/contract.js';
import { Troubles } from '../support/troubles.js';
import { aHolder, aWorldOfHolders, expectTidy, poolOf, stateOf, waiting } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

test('a holder that a letter did not reach is forgotten when the pool continues as new just then', async () => {
  const troubles = new Troubles();
  const world = await aWorldOfHolders({
    between: troubles.between,
    continueAfter: 1,
    // Only a lost letter has the pool look at anybody.
    gpuPool: { totalGpus: 1, passIntervalMs: 24 * 3_600_000, graceMs: 1 },
  });
  const first = await aHolder(world, { training: 1 });
  await first.holds();
  const dead = await aHolder(world, { training: 1 });
  await waiting(world, 1);
  await dead.handle.terminate('a test ends it');
  const letters = troubles.holds('sendLetters', new RegExp(dead.id), 'after');
  await first.letGo();
  await letters.struck;
  // Has the pool continue as new as soon as its letters are sent.
  await poolOf(world).signal(poolMessages, [{ kind: 'wake' }]);
  expect((await stateOf(world)).trainings).toMatchObject([{ use: expect.stringContaining(dead.id) }]);
  letters.lift();
  const next = await aHolder(world, { training: 1 });
  await next.holds();
  await next.letGo();
  await expectTidy(world);
});
