import { expect, test, vi } from 'vitest';
import { candidateWorkflowId, deleteWorkflowId } from '../../../workflows/contract.js';
import { poolOf, stateOf } from '../../gpu-leases/holders.js';
import { datasetNames, runProject } from '../../../src/ids.js';
import { post } from '../../support/local-platform.js';
import { IN_TIME, platformOf } from '../../support/observe.js';
import { ORDERS } from '../../support/order-logs.js';
import { startSweep, sweepNow } from '../../support/sweep.js';
import { type ActivityName, type Point, WAYS } from '../../support/troubles.js';
import type { World } from '../../support/world.js';
import {
  aCase,
  aWorldOfItsOwn,
  expectDeleted,
  expectEnd,
  heldAt,
  jobsOf,
  startDeletion,
  type Case,
  type Troubled,
} from './cases.js';

// What the pool and the sweep call fails in its turn, and the pool is terminated at each of its stages. Each case has a
// pool of its own.

vi.setConfig({ testTimeout: 240_000 });

const ANY = /./;
const POINTS: Point[] = ['before', 'after'];

test.each([{ activity: 'lookAround' }, { activity: 'stopLostJobs' }] as const)(
  'a candidate that was terminated keeps its GPUs or its jobs when $activity fails',
  async ({ activity }) => {
    const world = await aWorldOfItsOwn();
    for (const way of WAYS) {
      const given = aCase(world, { name: 'hang-evaluation' });
      await given.start();
      const jobs = async () => (await platformOf(world.nemoUrl, given.id)).evaluations.length;
      await expect.poll(jobs, IN_TIME).toBe(2);
      const trouble = world.troubles.fails(activity, ANY, way);
      await world.client.workflow.getHandle(candidateWorkflowId(given.id, given.model)).terminate();
      await trouble.struck;
      trouble.lift();
      await expectEnd(world, given);
    }
  },
);

test.each([{ activity: 'poolWasThere' }, { activity: 'takeCensus' }] as const)(
  'a pool that was terminated does not come back when $activity fails',
  async ({ activity }) => {
    const world = await aWorldOfItsOwn();
    for (const way of WAYS) {
      const given = aCase(world);
      const { stage: working } = await heldAt(world, given, 'runEvaluation');
      const trouble = world.troubles.fails(activity, ANY, way);
      await poolOf(world).terminate('a test ends it');
      working.lift();
      await sweepNow(world);
      await trouble.struck;
      trouble.lift();
      await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
      expect(await expectEnd(world, given)).toMatchObject({ status: 'completed', error: null });
      expect(await jobsOf(world, given)).toEqual([2, 0]);
    }
  },
);

test.each([
  ['sendLetters', 'before'],
  ['sendLetters', 'after'],
  ['lookAround', 'before'],
] as const)('a pool that is terminated at %s, %s it acts, takes its runs along', async (activity, point) => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  const { stage } = await heldAt(world, { ...given, calls: ANY }, activity, point);
  await poolOf(world).terminate('a test ends it');
  stage.lift();
  await sweepNow(world);
  expect(await expectEnd(world, given, { swept: true })).toMatchObject({ status: 'completed', error: null });
  expect(await jobsOf(world, given)).toEqual([2, 0]);
});

test('a pool that is terminated while it takes its census is the last, or takes its runs along', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  const { stage: working } = await heldAt(world, given, 'runEvaluation');
  await poolOf(world).terminate('a test ends it');
  for (const activity of ['poolWasThere', 'takeCensus'] as const)
    for (const point of POINTS) {
      const stage = world.troubles.holds(activity, ANY, point);
      await sweepNow(world);
      await stage.struck;
      await poolOf(world).terminate('a test ends it');
      stage.lift();
    }
  await sweepNow(world);
  working.lift();
  expect(await expectEnd(world, given)).toMatchObject({ status: 'completed', error: null });
  expect(await jobsOf(world, given)).toEqual([2, 0]);
});

test('a pool that is terminated while it stops jobs of a terminated candidate leaves them running', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world, { name: 'hang-evaluation' });
  await given.start();
  await expect.poll(() => jobsOf(world, given), IN_TIME).toEqual([2, 0]);
  const stage = world.troubles.holds('stopLostJobs', ANY, 'before');
  await world.client.workflow.getHandle(candidateWorkflowId(given.id, given.model)).terminate();
  await stage.struck;
  await poolOf(world).terminate('a test ends it');
  stage.lift();
  await expectEnd(world, given, { swept: true });
});

/** Begins sweeps until one meets trouble, and resolves with it: what has only just ended is left to a later one. */
async function sweepUntil(world: World, struck: Promise<unknown>) {
  const isStruck = struck.then(() => true);
  for (;;) {
    const sweep = await startSweep(world);
    const isOver = sweep.result().then(
      () => false,
      () => false,
    );
    if (await Promise.race([isStruck, isOver])) return sweep;
  }
}

test.each(WAYS)('a sweep of which each activity fails, %s, is the last that works', async (way) => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  const sweepInTrouble = async (...activities: ActivityName[]) => {
    const troubles = activities.map((activity) => world.troubles.fails(activity, ANY, way));
    const sweep = await sweepUntil(world, Promise.all(troubles.map(({ struck }) => struck)));
    for (const trouble of troubles) trouble.lift();
    await sweep.result().catch(() => undefined);
  };
  await given.start();
  await expectEnd(world, given);
  await breakOff(world, given);
  // Whatever a sweep cannot find it leaves to the next.
  if (way === 'for good') await sweepInTrouble('findLeftovers');
  await sweepInTrouble('resumeDeletion', ...(way === 'for good' ? [] : ['findLeftovers' as const]));
  await expectDeleted(world, given, { swept: true });
  await uploadLate(world, given);
  await sweepInTrouble('removeDataset');
  await expectDeleted(world, given, { swept: true });
});

test('a sweep that is terminated at any of its activities is the last that works', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  const terminateAt = async (activity: ActivityName, point: Point) => {
    const stage = world.troubles.holds(activity, ANY, point);
    const sweep = await sweepUntil(world, stage.struck);
    await sweep.terminate('a test ends it');
    stage.lift();
  };
  await given.start();
  await expectEnd(world, given);
  await breakOff(world, given);
  for (const point of POINTS) await terminateAt('findLeftovers', point);
  await terminateAt('resumeDeletion', 'before');
  await expectDeleted(world, given, { swept: true });
  await uploadLate(world, given);
  for (const point of POINTS) {
    await terminateAt('removeDataset', point);
    await expectDeleted(world, given, { swept: true });
    await uploadLate(world, given);
  }
  await expectDeleted(world, given, { swept: true });
});

/** Has the deletion of a run end before it is done. */
async function breakOff(world: Troubled, given: Case): Promise<void> {
  const deleting = world.troubles.holds('awaitRunClosed', given.calls, 'before');
  await startDeletion(world, given);
  await deleting.struck;
  await world.client.workflow.getHandle(deleteWorkflowId(given.id)).terminate('a test ends it');
  deleting.lift();
}

/** Registers a dataset of a run that is deleted already. */
async function uploadLate(world: World, { id }: Case): Promise<void> {
  const { namespace } = world.config.run;
  const name = datasetNames(ORDERS.workload, id).training;
  const files_url = `hf://datasets/${namespace}/${name}`;
  await post(`${world.nemoUrl}/v1/datasets`, { name, namespace, files_url, project: runProject(id) });
}
