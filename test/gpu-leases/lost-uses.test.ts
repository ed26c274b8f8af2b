import { expect, test, vi } from 'vitest';
import { candidateWorkflowId, poolMessages } from '../../workflows/contract.js';
import { finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { sweepNow } from '../support/sweep.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';
import { poolOf, stateOf } from './holders.js';
import { aWorldOfRuns, expectNothingLeft } from './runs.js';

// A holder whose GPUs were given back behind its back, as after a reset, and a model that dies while it serves.

vi.setConfig({ testTimeout: 180_000 });

const HANGING = 'stand-in/hang-evaluation-1b';

/** The pool's own word on what a candidate uses. */
async function usesOf(world: World, id: string, model = TINY): Promise<string[]> {
  const { models, trainings } = await stateOf(world);
  const uses = [...models.flatMap(({ users }) => users), ...trainings.map(({ use }) => use)];
  return [...new Set(uses)].filter((use) => use.startsWith(candidateWorkflowId(id, model)));
}

/** Has the pool forget what a candidate uses, and returns it. */
async function takeAway(world: World, id: string, step: string): Promise<string> {
  const [use, ...others] = (await usesOf(world, id)).filter((one) => one.includes(`/${step}/`));
  expect(others).toEqual([]);
  await poolOf(world).signal(poolMessages, [{ kind: 'release', use: use! }]);
  await expect.poll(() => usesOf(world, id), IN_TIME).not.toContain(use);
  return use!;
}

test.each([
  ['baseline', /^GET \/v1\/evaluation\/jobs\?/],
  ['training', /^GET \/v1\/customization\/jobs\?/],
])('jobs of %s begin on GPUs that are not theirs any more, or are given up', async (step, creation) => {
  const { gate, ...world } = await aWorldOfRuns();
  const begin = gate.hold(creation);
  const id = await startTrial(world, { models: [TINY] });
  await begin.reached;
  const lost = await takeAway(world, id, step);
  begin.open();
  // The next begins under another use.
  const next = async () => (await usesOf(world, id)).some((use) => use.includes(`/${step}/`) && use !== lost);
  const again = gate.hold(/^GET \/v1\/(evaluation|customization)\/jobs\/(eval|cust)/);
  await expect.poll(next, IN_TIME).toBe(true);
  again.open();
  const job = await finished(world.api, id);
  expect(job).toMatchObject({ status: 'completed', error: null });
  expect(job.nims).toMatchObject([{ status: 'completed', error: null }]);
  expect(job.nims[0]?.evaluations.map(({ status }) => status)).toEqual(Array(3).fill('completed'));
  const { evaluations, customizations } = await platformOf(world.nemoUrl, id);
  expect([evaluations.length, customizations.length]).toEqual([3, 1]);
  await expectNothingLeft(world);
});

test('a training that was stopped because its GPUs were taken away is not begun again', async () => {
  const world = await aWorldOfRuns();
  const model = 'stand-in/hang-training-1b';
  const id = await startTrial(world, { models: [model] });
  const trainings = async () =>
    (await platformOf(world.nemoUrl, id)).customizations.map(({ status }) => status).sort();
  await expect.poll(trainings, IN_TIME).toEqual(['running']);
  const [use] = (await usesOf(world, id, model)).filter((one) => one.includes('/training/'));
  await poolOf(world).signal(poolMessages, [{ kind: 'release', use: use! }]);
  await expect.poll(async () => (await sweepNow(world)).stopped, IN_TIME).toEqual([use]);
  await expect.poll(trainings, IN_TIME).toEqual(['cancelled', 'running']);
  await world.api.call('POST', `/api/jobs/${id}/cancel`);
  expect(await finished(world.api, id)).toMatchObject({ status: 'cancelled' });
  expect(await trainings()).toEqual(['cancelled', 'cancelled']);
  await expectNothingLeft(world);
});

test('a deployment that is deleted while it serves keeps its users waiting, or is never made again', async () => {
  const world = await aWorldOfRuns();
  const start = () => startTrial(world, { models: [HANGING], configure: untrained });
  const evaluations = async (id: string) =>
    (await platformOf(world.nemoUrl, id)).evaluations.map(({ status }) => status);
  const id = await start();
  await expect.poll(() => evaluations(id), IN_TIME).toEqual(['running', 'running']);
  const { deployments } = await platformState(world.nemoUrl);
  const { name } = deployments.find((one) => one.name.includes('hang-evaluation'))!;
  const { namespace } = world.config.run;
  await fetch(`${world.nemoUrl}/v1/deployment/model-deployments/${namespace}/${name}`, { method: 'DELETE' });
  const job = await finished(world.api, id);
  expect(job).toMatchObject({ status: 'failed' });
  const reason = `Error deploying ${HANGING}: ${HANGING}: its deployment is gone: somebody deleted it`;
  expect(job.nims[0]?.evaluations.map(({ status, error }) => ({ status, error }))).toEqual(
    Array(2).fill({ status: 'failed', error: reason }),
  );
  expect(await evaluations(id)).toEqual(['cancelled', 'cancelled']);

  const next = await start();
  await expect.poll(() => evaluations(next), IN_TIME).toEqual(['running', 'running']);
  const { creations } = await platformState(world.nemoUrl);
  expect(creations.deployments[`${namespace}/${name}`]).toBe(2);
  await world.api.call('POST', `/api/jobs/${next}/cancel`);
  await finished(world.api, next);
  await expectNothingLeft(world);
});
