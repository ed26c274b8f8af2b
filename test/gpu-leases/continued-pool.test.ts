import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { IN_TIME } from '../support/observe.js';
import { Troubles } from '../support/troubles.js';
import { aHolder, aWorldOfHolders, expectTidy, poolOf, waiting } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

const NEVER_MS = 24 * 3_600_000;
const MESSAGES = 3;

async function aTiredPool({ passIntervalMs }: { passIntervalMs: number }) {
  const troubles = new Troubles();
  const world = await aWorldOfHolders({
    between: troubles.between,
    continueAfter: MESSAGES,
    gpuPool: { totalGpus: 1, passIntervalMs, graceMs: 1 },
  });
  /** Has it continue as new; from then on no pass is due by itself. */
  const continued = async () => {
    const pool = async () => (await poolOf(world).describe()).runId;
    const before = await pool();
    const settings = { ...world.gpuPool.settings, passIntervalMs: NEVER_MS };
    for (let i = 0; i < MESSAGES; i++)
      await configurePool(world.client, world.taskQueue, { ...world.gpuPool, settings });
    await expect.poll(pool, IN_TIME).not.toBe(before);
  };
  const expectFree = async () => {
    const next = await aHolder(world, { training: 1 });
    await next.holds();
    await next.letGo();
    await expectTidy(world);
  };
  return { world, troubles, continued, expectFree };
}

test('whom a pool wanted to look at is forgotten when it continues as new, and keeps GPUs although it is gone', async () => {
  const { world, troubles, continued, expectFree } = await aTiredPool({ passIntervalMs: NEVER_MS });
  const [first, gone] = [await aHolder(world, { training: 1 }), await aHolder(world, { training: 1 })];
  await first.holds();
  await waiting(world, 1);
  await gone.handle.terminate('a test ends it');
  const look = troubles.holds('lookAround', /./, 'before');
  // What it is told does not reach it any more.
  await first.letGo();
  await look.struck;
  await continued();
  look.lift();
  await expectFree();
});

test.each(['before', 'after'] as const)(
  'a pass that a pool was making, %s it looked, is forgotten when it continues as new',
  async (point) => {
    const { world, troubles, continued, expectFree } = await aTiredPool({ passIntervalMs: 1 });
    const holder = await aHolder(world, { training: 1 });
    await holder.holds();
    const look = troubles.holds('lookAround', new RegExp(holder.id), point);
    await look.struck;
    // Nobody tells the pool.
    await holder.handle.terminate('a test ends it');
    await continued();
    look.lift();
    await expectFree();
  },
);
