import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { IN_TIME } from '../support/observe.js';
import { Troubles } from '../support/troubles.js';
import { aHolder, aWorldOfHolders, expectTidy, poolOf, waiting } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

const NEVER_MS = 24 * 3_600_000;
const MESSAGES = 3;

test('whom a pool wanted to look at is forgotten when it continues as new, and keeps GPUs although it is gone', async () => {
  const troubles = new Troubles();
  const world = await aWorldOfHolders({
    between: troubles.between,
    continueAfter: MESSAGES,
    gpuPool: { totalGpus: 1, passIntervalMs: NEVER_MS, graceMs: 1 },
  });
  const pool = async () => (await poolOf(world).describe()).runId;
  const [first, gone] = [await aHolder(world, { training: 1 }), await aHolder(world, { training: 1 })];
  await first.holds();
  await waiting(world, 1);
  await gone.handle.terminate('a test ends it');
  const look = troubles.holds('lookAround', /./, 'before');
  // What it is told does not reach it any more.
  await first.letGo();
  await look.struck;

  const before = await pool();
  for (let i = 0; i < MESSAGES; i++) await configurePool(world.client, world.taskQueue, world.gpuPool);
  await expect.poll(pool, IN_TIME).not.toBe(before);
  look.lift();
  const next = await aHolder(world, { training: 1 });
  await next.holds();
  await next.letGo();
  await expectTidy(world);
});
