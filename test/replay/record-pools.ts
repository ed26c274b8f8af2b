import { expect, test } from 'vitest';
import type { Activities, SendLettersInput } from '../../activities/contract.js';
import { configurePool } from '../../activities/index.js';
import { candidateWorkflowId, deleteWorkflowId } from '../../workflows/contract.js';
import { poolOf, stateOf } from '../gpu-leases/holders.js';
import { finished, IN_TIME } from '../support/observe.js';
import { startSweep } from '../support/sweep.js';
import { TINY, untrained } from '../support/trial-runs.js';
import { Troubles } from '../support/troubles.js';
import { trainUnasked } from '../support/unasked-trainings.js';
import type { World } from '../support/world.js';
import { aWorld, record, recordSweep, retire, start } from './recording.js';

// Pools that cannot do what they want, and sweeps that find what is rare.

const HANGING = 'stand-in/hang-training-1b';
const QUICK = { graceMs: 1_000 };

/** Its pool knows who holds what. */
const afterCensus = (world: World) =>
  expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);

/** The first letters do not arrive. */
function withoutFirstLetters(activities: Activities): Activities {
  let isFirst = true;
  const sendLetters = async (input: SendLettersInput) => {
    if (!isFirst) return await activities.sendLetters(input);
    isFirst = false;
    return { acknowledged: [], lost: [] };
  };
  return { ...activities, sendLetters };
}

test('a pool whose letters cannot be sent or do not arrive, and one whose census fails', async () => {
  const troubles = new Troubles();
  const between = (activities: Activities) => troubles.between(withoutFirstLetters(activities));
  const world = await aWorld([TINY], untrained, { between, gpuPool: QUICK });
  const sending = troubles.failsForGood('sendLetters', /./);
  const id = await start(world);
  await sending.struck;
  sending.lift();
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await retire(world, 'gpu-pool-letters-unsent');

  const census = troubles.failsForGood('takeCensus', /./);
  await configurePool(world.client, world.taskQueue, world.gpuPool);
  await census.struck;
  census.lift();
  await afterCensus(world);
  await retire(world, 'gpu-pool-census-failed');
});

test('a pool that stops the training of a terminated candidate', async () => {
  const world = await aWorld([HANGING], undefined, { gpuPool: QUICK });
  const id = await start(world);
  const trainings = async () => (await stateOf(world)).trainings.length;
  await expect.poll(trainings, IN_TIME).toBe(1);
  await world.client.workflow.getHandle(candidateWorkflowId(id, HANGING)).terminate();
  await expect.poll(trainings, IN_TIME).toBe(0);
  await retire(world, 'gpu-pool-reclaimed-training');
});

test('sweeps that wake a pool or cannot, stop a training, and remove a model', async () => {
  const troubles = new Troubles();
  const world = await aWorld([TINY], untrained, { between: troubles.between, gpuPool: QUICK });
  const [kept, deleted] = [await start(world), await start(world)];
  for (const id of [kept, deleted]) await finished(world.api, id);
  const stopped = await trainUnasked(world, kept, HANGING);
  await recordSweep(world, 'stopped', 'sweep-stopped-training');
  expect(await stopped()).toBe('cancelled');

  await world.api.call('DELETE', `/api/jobs/${deleted}`);
  await world.client.workflow.getHandle(deleteWorkflowId(deleted)).result();
  const training = await trainUnasked(world, deleted, TINY, kept);
  await expect.poll(training, IN_TIME).toBe('completed');
  await recordSweep(world, 'removed', 'sweep-removed-model');

  await poolOf(world).terminate();
  const waking = troubles.failsForGood('tellPool', /^sweep-.*"wake"/);
  await recordSweep(world, 'problems', 'sweep-problem');
  waking.lift();
  const sweep = await startSweep(world);
  expect(await sweep.result()).toMatchObject({ problems: [] });
  await record(world, sweep.workflowId, 'sweep-woke');
  await afterCensus(world);
});
