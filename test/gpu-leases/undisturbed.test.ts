import { expect, test, vi } from 'vitest';
import { poolMessages } from '../../workflows/contract.js';
import { Troubles } from '../support/troubles.js';
import { IN_TIME } from '../support/observe.js';
import { aHolder, aModel, aWorldOfHolders, poolOf, stateOf } from './holders.js';

// What takes long or never succeeds keeps the pool from nothing else.

vi.setConfig({ testTimeout: 180_000 });

test('a letter that can never arrive keeps back those to others', async () => {
  const world = await aWorldOfHolders({ gpuPool: { passIntervalMs: 3_600_000 } });
  // Its served model would have a longer id than Temporal takes.
  const model = aModel(`stand-in/${'x'.repeat(2_000)}`);
  const use = 'nobody/judge/01234567';
  // One that is asked before its census is over looks at once whether nobody is there.
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  await poolOf(world).signal(poolMessages, [{ kind: 'request', use, needs: { models: [model] } }]);
  const starting = async () => (await stateOf(world)).models.map(({ state }) => state);
  await expect.poll(starting, IN_TIME).toEqual(['starting']);
  for (let i = 0; i < 2; i++) {
    const holder = await aHolder(world, { training: 1 });
    await holder.holds();
    await holder.letGo();
  }
  expect(await starting()).toEqual(['starting']);
});

test('a look around that outlasts the interval keeps the pool busy', async () => {
  const troubles = new Troubles();
  const world = await aWorldOfHolders({ between: troubles.between, gpuPool: { passIntervalMs: 1 } });
  const look = troubles.holds('lookAround', /./, 'before');
  await (await aHolder(world, { training: 1 })).holds();
  await look.struck;
  const other = await aHolder(world, { training: 1 });
  await other.holds();
  await other.letGo();
  await expect.poll(async () => (await stateOf(world)).inUse, IN_TIME).toBe(1);

  const { events } = await poolOf(world).fetchHistory();
  const isLook = (event: (typeof found)[number]) =>
    event.activityTaskScheduledEventAttributes?.activityType?.name === 'lookAround';
  const found = events ?? [];
  const began = found.findIndex(isLook);
  expect(began).toBeGreaterThan(0);
  expect(
    Number(found[began]?.activityTaskScheduledEventAttributes?.heartbeatTimeout?.seconds),
  ).toBeGreaterThan(0);
  expect(found.slice(began).filter((event) => event.timerStartedEventAttributes)).toEqual([]);
  look.lift();
});
