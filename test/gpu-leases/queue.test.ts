import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { Gate } from '../support/gate.js';
import { IN_TIME, platformState } from '../support/observe.js';
import { aHolder, aModel, aWorldOfHolders, expectTidy, poolOf, stateOf, waiting } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

const MODEL = 'stand-in/tiny-1b';

test('the first pool of an installation waits for what an earlier one may have sent', async () => {
  const world = await aWorldOfHolders({ gpuPool: { graceMs: 24 * 3_600_000 } });
  const holder = await aHolder(world, { training: 1 });
  await holder.holds();
  await holder.letGo();
  await expectTidy(world);
});

test('a training waits for ever behind a model that is always in use', async () => {
  const world = await aWorldOfHolders({ gpuPool: { totalGpus: 1, idleTtlMs: 600_000 } });
  const needs = { models: [aModel(MODEL)] };
  const users = [
    await aHolder(world, needs, { forever: true }),
    await aHolder(world, needs, { forever: true }),
  ];
  for (const user of users) await user.holds();
  const training = await aHolder(world, { training: 1 });
  // They take turns: one lets go and asks again while the other holds.
  for (let turn = 0; (await training.state()) === 'waiting'; turn++) {
    const user = users[turn % users.length]!;
    if ((await user.state()) === 'holding') await user.letGo();
    await expect.poll(user.state, IN_TIME).not.toBeNull();
  }
  await training.holds();
  for (const { handle } of users) await handle.cancel();
  await training.letGo();
  await poolOf(world).cancel();
  await poolOf(world).result();
});

test('a request that comes while its model is being closed gets the old deployment, or none', async () => {
  const gate = new Gate();
  const world = await aWorldOfHolders({ gate, gpuPool: { idleTtlMs: 1 } });
  const removal = gate.hold(/^DELETE .*\/model-deployments\//);
  const first = await aHolder(world, { models: [aModel(MODEL)] });
  await first.holds();
  await first.letGo();
  await removal.reached;
  const second = await aHolder(world, { models: [aModel(MODEL)] });
  await waiting(world, 1);
  removal.open();
  await second.holds();
  expect(gate.requests.filter((line) => line === 'POST /v1/deployment/model-deployments')).toHaveLength(2);
  await second.letGo();
  await expectTidy(world);
});

test('a model that is leased with one tag is used by who asked for another', async () => {
  const world = await aWorldOfHolders();
  const old = await aHolder(world, { models: [aModel(MODEL, 1, 'old')] });
  await old.holds();
  const newer = await aHolder(world, { models: [aModel(MODEL, 1, 'new')] });
  await waiting(world, 1);
  await old.letGo();
  await newer.holds();
  expect((await stateOf(world)).models).toMatchObject([{ model: MODEL, state: 'serving' }]);
  const url = `${world.nemoUrl}/v1/deployment/model-deployments/test/stand-in-tiny-1b`;
  expect(await (await fetch(url)).json()).toMatchObject({ config: { nim_deployment: { image_tag: 'new' } } });
  await newer.letGo();
  await expectTidy(world);
});

test('a capacity that shrinks takes away what is held, or leaves waiting what can never fit', async () => {
  const world = await aWorldOfHolders({ gpuPool: { totalGpus: 4 } });
  const holders = [
    await aHolder(world, { models: [aModel(MODEL, 2)] }),
    await aHolder(world, { training: 2 }),
  ];
  for (const holder of holders) await holder.holds();
  const [small, large] = [await aHolder(world, { training: 1 }), await aHolder(world, { training: 3 })];
  await waiting(world, 2);
  const { gpuPool } = world;
  await configurePool(world.client, world.taskQueue, {
    ...gpuPool,
    settings: { ...gpuPool.settings, totalGpus: 1 },
  });
  await expect(large.handle.result()).resolves.toMatch(/3 GPUs are needed at once and the pool has 1/);
  expect(await stateOf(world)).toMatchObject({ totalGpus: 1, inUse: 4, queue: [{ gpus: 1 }] });
  for (const holder of holders) expect(await holder.state()).toBe('holding');
  for (const holder of holders) await holder.letGo();
  await small.holds();
  await small.letGo();
  await expectTidy(world);
});

test('a judge that does not deploy is not told to all who wait for it, or is never tried again', async () => {
  const gate = new Gate();
  const world = await aWorldOfHolders({ gate });
  const judge = aModel('stand-in/fail-deploy-judge-70b', 4);
  const removal = gate.hold(/^DELETE .*\/model-deployments\//);
  const needs = (model: string) => ({ models: [judge, aModel(model)] });
  const three = [];
  for (const model of ['stand-in/tiny-1b', 'stand-in/tiny-3b', 'stand-in/tiny-8b'])
    three.push(await aHolder(world, needs(model)));
  await removal.reached;
  removal.open();
  for (const { handle } of three) await expect(handle.result()).resolves.toMatch(/cannot be pulled/);
  const tries = async () =>
    (await platformState(world.nemoUrl)).creations.deployments['test/stand-in-fail-deploy-judge-70b'] ?? 0;
  const before = await tries();
  expect(before).toBeGreaterThan(0);
  const next = await aHolder(world, { models: [judge] });
  await expect(next.handle.result()).resolves.toMatch(/cannot be pulled/);
  expect(await tries()).toBe(before + 1);
  await expectTidy(world);
});

test('a model that never comes up keeps who waits for it, and its GPUs, for ever, or is never tried again', async () => {
  const gate = new Gate();
  const world = await aWorldOfHolders({
    gate,
    configure: (run) => {
      run.timing.deploymentStallMs = 300;
    },
  });
  const tries = () => gate.requests.filter((line) => line === 'POST /v1/deployment/model-deployments').length;
  for (const turn of [1, 2]) {
    const holder = await aHolder(world, { models: [aModel('stand-in/stuck-deploy-1b')] });
    await expect(holder.handle.result()).resolves.toMatch(/no sign of life/);
    expect(tries()).toBe(turn);
    await expectTidy(world);
  }
});

test('a pool that is told to end takes GPUs away, or leaves models deployed', async () => {
  const world = await aWorldOfHolders({ gpuPool: { idleTtlMs: 600_000 } });
  const [first, second] = [
    await aHolder(world, { models: [aModel(MODEL)] }),
    await aHolder(world, { training: 1 }),
  ];
  await first.holds();
  await second.holds();
  await first.letGo();
  await poolOf(world).cancel();
  await expect.poll(async () => (await stateOf(world)).models, IN_TIME).toEqual([]);
  expect(await second.state()).toBe('holding');
  await second.letGo();
  await poolOf(world).result();
  expect((await platformState(world.nemoUrl)).deployments).toEqual([]);
});
