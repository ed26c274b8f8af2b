import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { IN_TIME } from '../support/observe.js';
import { Troubles } from '../support/troubles.js';
import type { World } from '../support/world.js';
import { poolMessages } from '../../workflows/contract.js';
import { LARGEST_PACKED } from '../../workflows/ledger/pack.js';
import { aHolder, aModel, aWorldOfHolders, expectTidy, poolOf, waiting } from './holders.js';

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
  const first = await aHolder(world, { training: 1 });
  await first.holds();
  const gone = await aHolder(world, { training: 1 });
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

/** Bytes that each run of the pool was begun with, the youngest first. */
async function sizesOf(world: World): Promise<number[]> {
  const sizes: number[] = [];
  const { workflowService, options } = world.client;
  const { workflowId } = poolOf(world);
  let { runId } = await poolOf(world).describe();
  while (runId) {
    const first = { namespace: options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 };
    const { history } = await workflowService.getWorkflowExecutionHistory(first);
    const begun = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
    sizes.push(begun?.input?.payloads?.[0]?.data?.length ?? 0);
    runId = begun?.continuedExecutionRunId ?? '';
  }
  return sizes;
}

test('a pool with much to say continues as new before it has said it, with more than Temporal takes', async () => {
  const { world, troubles, expectFree } = await aTiredPool({ passIntervalMs: NEVER_MS });
  const name = 'x'.repeat(LARGEST_PACKED / 4);
  const needs = { models: [aModel(name, 1, 'one tag'), aModel(name, 1, 'another')] };
  /** It is refused with a reason that holds the name. */
  const ask = (n: number) => {
    const use = `flywheel-${n.toString(16).padStart(24, '0')}-nobody/training/00000000`;
    return poolOf(world).signal(poolMessages, [{ kind: 'request', use, needs }]);
  };
  const sending = troubles.holds('sendLetters', /refused/, 'before');
  await ask(0);
  await sending.struck;
  const { runId } = await poolOf(world).describe();
  for (let n = 1; n <= 5; n++) await ask(n);
  sending.lift();
  await expect.poll(async () => (await poolOf(world).describe()).runId, IN_TIME).not.toBe(runId);
  await expectFree();
  expect(Math.max(...(await sizesOf(world)))).toBeLessThan(1.1 * LARGEST_PACKED);
});
