import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { servedModelWorkflowId } from '../../src/gpu-pool.js';
import { Gate } from '../support/gate.js';
import { IN_TIME } from '../support/observe.js';
import {
  aHolder,
  aModel,
  aWorldOfHolders,
  expectTidy,
  poolOf,
  stateOf,
  waiting,
  type Holder,
} from './holders.js';

// Whoever is terminated says nothing any more.

vi.setConfig({ testTimeout: 180_000 });

const JUDGE = aModel('stand-in/judge-70b', 2);
const MODEL = aModel('stand-in/tiny-1b');

const end = (holder: Holder) => holder.handle.terminate('a test ends it');

test.each<[string, (holder: Holder) => Promise<unknown>]>([
  ['terminated', end],
  ['cancelled', ({ handle }) => handle.cancel()],
])(
  'who is %s while it waits, while its model deploys, or with GPUs keeps its place or them',
  async (_, stop) => {
    const gate = new Gate();
    const world = await aWorldOfHolders({ gate, gpuPool: { totalGpus: 4 } });
    const other = await aHolder(world, { models: [JUDGE] });
    await other.holds();

    const deployment = gate.hold(/^GET .*\/model-deployments\/test\/stand-in-tiny-1b/);
    const deploying = await aHolder(world, { models: [JUDGE, MODEL] });
    await deployment.reached;
    const working = await aHolder(world, { training: 1 });
    await working.holds();
    const queued = await aHolder(world, { training: 2 });
    await waiting(world, 1);
    await stop(queued);
    await stop(working);
    await stop(deploying);
    deployment.open();
    await expect.poll(async () => (await stateOf(world)).trainings, IN_TIME).toEqual([]);
    await expect
      .poll(async () => (await stateOf(world)).models.map(({ model }) => model), IN_TIME)
      .toEqual([JUDGE.model]);
    expect(await other.state()).toBe('holding');
    await other.letGo();
    await expectTidy(world);
  },
);

test.each(['deploys', 'serves'])(
  'a served model that is terminated while it %s takes its users with it, or deploys again',
  async (when) => {
    const gate = new Gate();
    const world = await aWorldOfHolders({ gate });
    const listing = gate.hold(/^GET .*\/model-deployments\/test\/stand-in-judge-70b/);
    const user = await aHolder(world, { models: [JUDGE] });
    await listing.reached;
    if (when === 'serves') {
      listing.open();
      await user.holds();
    }
    const [lease] = (await stateOf(world)).models;
    await world.client.workflow
      .getHandle(servedModelWorkflowId(JUDGE.model, lease!.lease))
      .terminate('a test ends it');
    listing.open();
    await expect
      .poll(
        async () => (await stateOf(world)).models.map(({ state, lease: id }) => [state, id !== lease!.lease]),
        IN_TIME,
      )
      .toEqual([['serving', true]]);
    await user.holds();
    const deployed = gate.requests.filter((line) => line === 'POST /v1/deployment/model-deployments');
    expect(deployed).toHaveLength(1);
    await user.letGo();
    await expectTidy(world);
  },
);

test('a pool that is terminated forgets who waits, or its successor gives away what is held', async () => {
  const world = await aWorldOfHolders({ gpuPool: { totalGpus: 4 } });
  const [user, trainer] = [await aHolder(world, { models: [JUDGE] }), await aHolder(world, { training: 2 })];
  await user.holds();
  await trainer.holds();
  const waits = await aHolder(world, { training: 1 });
  await waiting(world, 1);
  await poolOf(world).terminate('a test ends it');
  await configurePool(world.client, world.taskQueue, world.gpuPool);
  // Whoever asks meanwhile is heard after the census.
  const late = await aHolder(world, { training: 3 });
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  await waiting(world, 2);
  expect(await stateOf(world)).toMatchObject({
    inUse: 4,
    models: [{ model: JUDGE.model, state: 'serving', users: [expect.stringContaining(user.id)] }],
    trainings: [{ use: expect.stringContaining(trainer.id), gpus: 2 }],
    queue: [{ use: expect.stringContaining(waits.id) }, { use: expect.stringContaining(late.id) }],
  });
  await trainer.letGo();
  await waits.holds();
  await waits.letGo();
  await user.letGo();
  await late.holds();
  await late.letGo();
  await expectTidy(world);
});
