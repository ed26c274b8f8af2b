import { expect, test, vi } from 'vitest';
import { configurePool } from '../../activities/index.js';
import type { RunConfig } from '../../src/config/run-config.js';
import { finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';
import { poolOf, stateOf, waiting } from './holders.js';
import { aWorldOfRuns, expectNothingLeft, sized } from './runs.js';

// The platform gives GPUs to whoever asks, so that it shows when the pool grants more than there are.

vi.setConfig({ testTimeout: 240_000 });

const TOTAL = 4;

const gpusTaken = async (world: World) => (await platformState(world.nemoUrl)).gpus.inUse;

const untrainedOn = (judge: number, model: number) => (run: RunConfig) => {
  sized(judge, model, 1)(run);
  untrained(run);
};

/** Others serve what it needs, and its training never ends. */
const trainsForEver = (run: RunConfig) => {
  sized(2, 1, 1)(run);
  const external = { kind: 'external', url: null } as const;
  run.judge = { ...run.judge, deployment: external };
  run.candidates = run.candidates.map((candidate) => ({ ...candidate, deployment: external }));
};

test('after the pool was terminated more GPUs are taken than there are, or who waits is forgotten', async () => {
  const { gate, ...world } = await aWorldOfRuns({ gpuPool: { totalGpus: TOTAL } });
  const results = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const evaluating = await startTrial(world, { models: [TINY], configure: untrainedOn(2, 1) });
  await expect
    .poll(async () => (await platformOf(world.nemoUrl, evaluating)).evaluations.length, IN_TIME)
    .toBe(2);
  const training = await startTrial(world, {
    models: ['stand-in/hang-training-1b'],
    configure: trainsForEver,
  });
  await expect.poll(() => gpusTaken(world), IN_TIME).toBe(TOTAL);
  const waits = await startTrial(world, { models: [SMALL], configure: untrainedOn(2, 2) });
  await waiting(world, 1);

  await poolOf(world).terminate('a test ends it');
  await configurePool(world.client, world.taskQueue, world.gpuPool);
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  expect(await stateOf(world)).toMatchObject({ inUse: TOTAL, queue: [{ gpus: 4 }] });
  expect(await gpusTaken(world)).toBe(TOTAL);

  await world.api.call('POST', `/api/jobs/${training}/cancel`);
  await finished(world.api, training);
  // One GPU is free now, and two are needed.
  await expect.poll(() => gpusTaken(world), IN_TIME).toBe(TOTAL - 1);
  await waiting(world, 1);
  results.open();
  for (const id of [evaluating, waits])
    expect(await finished(world.api, id)).toMatchObject({ status: 'completed', error: null });
  await expectNothingLeft(world);
  expect((await platformState(world.nemoUrl)).gpus.peak).toBe(TOTAL);
  expect(await gpusTaken(world)).toBe(0);
});
