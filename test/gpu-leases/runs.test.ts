import { expect, test, vi } from 'vitest';
import type { Activities, SendLettersInput } from '../../activities/contract.js';
import type { RunConfig } from '../../src/config/run-config.js';
import type { Gate } from '../support/gate.js';
import { finished, IN_TIME, platformState } from '../support/observe.js';
import { SMALL, startTrial, TINY, untrained, type Trial } from '../support/trial-runs.js';
import type { World } from '../support/world.js';
import { poolOf, stateOf, waiting } from './holders.js';
import { expectWithin } from './peak.js';
import { aWorldOfRuns, expectNothingLeft, judgedBy, sized } from './runs.js';

// Whole runs that share a pool.

vi.setConfig({ testTimeout: 180_000 });

const LARGE = 'stand-in/tiny-8b';

/** All complete, and never were more GPUs in use than there are. */
async function expectAllComplete(world: World, trials: Trial[]): Promise<void> {
  const ids: string[] = [];
  for (const trial of trials) ids.push(await startTrial(world, trial));
  for (const id of ids) {
    const job = await finished(world.api, id);
    expect(job).toMatchObject({ status: 'completed', error: null });
    for (const { error } of job.nims) expect(error).toBeNull();
  }
  await expectWithin(world.nemoUrl, world.gpuPool.settings.totalGpus ?? 0);
  await expectNothingLeft(world);
}

test('a judge and a training that takes all GPUs wait for each other', async () => {
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 3 } });
  const trial = { models: [TINY], configure: sized(2, 1, 3) };
  await expectAllComplete(world, [trial, { ...trial, models: [SMALL] }]);
});

test('runs with two judges that do not fit together wait for each other', async () => {
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 2 } });
  const trial = (model: string, judge: string): Trial => ({
    models: [model],
    configure: (run) => {
      untrained(run);
      sized(1, 1, 1)(run);
      judgedBy(judge)(run);
    },
  });
  await expectAllComplete(world, [trial(TINY, 'stand-in/judge-70b'), trial(SMALL, 'stand-in/judge-7b')]);
});

test('three runs, each judged by what the next one tries, wait for each other', async () => {
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 2 } });
  const trial = (judge: string, model: string): Trial => ({
    models: [model],
    configure: (run) => {
      untrained(run);
      judgedBy(judge)(run);
    },
  });
  await expectAllComplete(world, [trial(TINY, SMALL), trial(SMALL, LARGE), trial(LARGE, TINY)]);
});

const seldomLookedAt = (run: RunConfig) => {
  run.timing.customizationPollMs = 600_000;
};
const HANGING = 'stand-in/hang-training-1b';
const asked = (world: { gate: Gate }, what: RegExp) =>
  world.gate.requests.filter((line) => what.test(line)).length;

test('evaluations take the GPUs on which a training of the same run could have begun', async () => {
  // Either the training fits or, if they have asked before it, the judge and the model. Of one candidate: whether trainings
  // of others ask in time too depends on the speed of the machine, and is not tried.
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 2 } });
  const configure = (run: RunConfig) => {
    sized(1, 1, 2)(run);
    seldomLookedAt(run);
  };
  await startTrial(world, { models: [HANGING], configure });
  await expect.poll(() => asked(world, /^POST \/v1\/customization\/jobs/), IN_TIME).toBe(1);
  expect(asked(world, /^POST \/v1\/deployment/)).toBe(0);
  await waiting(world, 1);
});

test('evaluations leave GPUs idle for as long as a training is not looked at', async () => {
  const world = await aWorldOfRuns();
  await startTrial(world, { models: [HANGING], configure: seldomLookedAt });
  await expect.poll(() => asked(world, /^POST \/v1\/evaluation\/jobs/), IN_TIME).toBe(2);
});

test('a run on a pool that continues as new after every message loses one of them', async () => {
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 6 }, continueAfter: 1 });
  await expectAllComplete(world, [{ models: [TINY, SMALL] }, { models: [SMALL] }]);
  const { events } = await poolOf(world).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  expect(started?.continuedExecutionRunId).toMatch(/^[0-9a-f-]{36}$/);
});

test('a run within the idle time of the one before deploys its models again', async () => {
  const world = await aWorldOfRuns({ gpuPool: { idleTtlMs: 24 * 3_600_000 } });
  const trial = { models: [TINY], configure: untrained };
  const leases = async () =>
    (await stateOf(world)).models.map(({ lease, model, users }) => ({ lease, model, users }));
  expect(await finished(world.api, await startTrial(world, trial))).toMatchObject({ status: 'completed' });
  const warm = await leases();
  expect(warm.map(({ users }) => users)).toEqual([[], []]);
  expect(await finished(world.api, await startTrial(world, trial))).toMatchObject({ status: 'completed' });
  expect(await leases()).toEqual(warm);
  const { creations } = await platformState(world.nemoUrl);
  expect(Object.values(creations.deployments)).toEqual([1, 1]);
  // Both go when nobody is to use them any more.
  await poolOf(world).cancel();
  await poolOf(world).result();
  expect((await platformState(world.nemoUrl)).deployments).toEqual([]);
});

test('messages that come again when all is over leave something behind', async () => {
  const said: (() => Promise<unknown>)[] = [];
  const between = (activities: Activities): Activities => ({
    ...activities,
    tellPool: async (input) => {
      said.push(() => activities.tellPool(input));
      await activities.tellPool(input);
    },
    sendLetters: async (input: SendLettersInput) => {
      said.push(() => activities.sendLetters(input));
      return await activities.sendLetters(input);
    },
  });
  const world = await aWorldOfRuns({ gpuPool: { totalGpus: 6 }, between });
  await expectAllComplete(world, [{ models: [TINY] }, { models: [TINY, SMALL], configure: untrained }]);
  const all = said.splice(0);
  expect(all.length).toBeGreaterThan(0);
  for (const again of all) await again();
  await expectNothingLeft(world);
});
