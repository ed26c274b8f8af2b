import { expect, test } from 'vitest';
import type { JobDetail } from '../../src/gateway/wire.js';
import { modelSlug } from '../../src/ids.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { post, send } from '../support/local-platform.js';
import { expectAtRest, finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { ENDLESS, SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import { sharedWorld } from '../support/shared-world.js';

// Runs that meet on one platform: at the same time, or one after another that was terminated.

const shared = sharedWorld();
const { gate } = shared;

/** Nine of the seventy-five others, which whole conversations of three allow: nothing to warn of. */
const split = { val_ratio: 0.12 };

const statusOf = async (workflowId: string) =>
  (await shared.world.client.workflow.getHandle(workflowId).describe()).status.name;

function expectEverySampleScored(job: JobDetail): void {
  expect(job).toMatchObject({ status: 'completed', error: null, warnings: [] });
  for (const nim of job.nims) {
    expect(nim, nim.model_name).toMatchObject({ status: 'completed', error: null });
    for (const { status, counts, failed } of nim.evaluations) {
      expect(status).toBe('completed');
      expect(counts['function_name']! + counts['similarity']!).toBe(job.funnel?.evaluation);
      expect(Object.values(failed).every((n) => n === 0)).toBe(true);
    }
  }
}

/** Deployments that were asked for since some request. */
const deployed = (since: number) =>
  gate.requests.slice(since).filter((line) => line === 'POST /v1/deployment/model-deployments');

const evaluationsOf = async (id: string) => (await platformOf(shared.world.nemoUrl, id)).evaluations;

test('two runs with the same judge and candidate deploy them twice, or one after the other', async () => {
  const since = gate.requests.length;
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const trial = { models: [TINY], split, configure: untrained };
  const ids = [await startTrial(shared.world, trial), await startTrial(shared.world, trial)];
  // Both evaluate at once.
  for (const id of ids) await expect.poll(async () => (await evaluationsOf(id)).length, IN_TIME).toBe(2);
  expect(deployed(since)).toHaveLength(2);
  evaluations.open();
  for (const id of ids) expectEverySampleScored(await finished(shared.world.api, id));
  for (const id of ids) await expectAtRest(shared.world.nemoUrl, id);
});

test('a deployment that is not ours is made again, or removed', async () => {
  const since = gate.requests.length;
  const { config, nemoUrl } = shared.world;
  const name = modelSlug(TINY);
  await post(`${nemoUrl}/v1/deployment/model-deployments`, {
    name,
    namespace: config.run.namespace,
    config: { model: TINY, nim_deployment: { image_name: TINY, image_tag: '1', gpu: 1 } },
  });
  const id = await startTrial(shared.world, { models: [TINY], split, configure: untrained });
  expectEverySampleScored(await finished(shared.world.api, id));
  await expectAtRest(nemoUrl, id);
  // The judge alone.
  expect(deployed(since)).toHaveLength(1);
  expect((await platformState(nemoUrl)).deployments).toMatchObject([{ name, status: 'ready' }]);
  await send('DELETE', `${nemoUrl}/v1/deployment/model-deployments/${config.run.namespace}/${name}`);
});

/** A run that was terminated in the middle of its evaluations, with its candidates at their end. */
async function terminated(): Promise<string> {
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const id = await startTrial(shared.world, { models: [TINY, SMALL] });
  await expect
    .poll(async () => (await platformOf(shared.world.nemoUrl, id)).evaluations.length, IN_TIME)
    .toBeGreaterThanOrEqual(4);
  await shared.world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  // Else they may end before they are told to.
  const isTold = async (model: string) =>
    (await shared.world.client.workflow.getHandle(candidateWorkflowId(id, model)).describe()).raw
      .workflowExtendedInfo?.cancelRequested;
  for (const model of [TINY, SMALL]) await expect.poll(() => isTold(model), IN_TIME).toBe(true);
  evaluations.open();
  for (const model of [TINY, SMALL])
    await expect.poll(() => statusOf(candidateWorkflowId(id, model)), IN_TIME).toBe('CANCELLED');
  return id;
}

test('a terminated run leaves its candidates running, or stands in the way of the next run', async () => {
  const dead = await terminated();
  const next = await startTrial(shared.world, { models: [TINY, SMALL], split });
  expectEverySampleScored(await finished(shared.world.api, next));
  for (const id of [dead, next]) await expectAtRest(shared.world.nemoUrl, id);
});

test('the deletion of a terminated job leaves datasets, models or evaluations', async () => {
  const dead = await terminated();
  const before = await platformOf(shared.world.nemoUrl, dead);
  for (const kind of ['evaluations', 'datasets', 'models', 'repositories'] as const)
    expect(before[kind], kind).not.toEqual([]);
  // Its workflow could record nothing any more: the reader does.
  expect(await finished(shared.world.api, dead)).toMatchObject({
    status: 'failed',
    error: expect.stringContaining('has ended as terminated'),
  });

  expect(await shared.world.api.call('DELETE', `/api/jobs/${dead}`)).toMatchObject({ status: 200 });
  await expect
    .poll(async () => (await shared.world.api.call('GET', `/api/jobs/${dead}`)).status, IN_TIME)
    .toBe(404);
  const { evaluations, datasets, models, repositories } = await platformOf(shared.world.nemoUrl, dead);
  expect({ evaluations, datasets, models, repositories }).toEqual({
    evaluations: [],
    datasets: [],
    models: [],
    repositories: [],
  });
  await expectAtRest(shared.world.nemoUrl, dead);
});

test('a training goes on, or makes its model, after the deletion of a job whose candidate was terminated', async () => {
  const { world } = shared;
  const id = await startTrial(world, { models: [ENDLESS] });
  const trainings = async () => (await platformOf(world.nemoUrl, id)).customizations;
  const statuses = async () => (await trainings()).map(({ status }) => status);
  await expect.poll(statuses, IN_TIME).toEqual(['running']);
  await world.client.workflow.getHandle(candidateWorkflowId(id, ENDLESS)).terminate('a test ends it');
  // The run ends by itself, without seeing to the training.
  await finished(world.api, id);
  expect(await world.api.call('DELETE', `/api/jobs/${id}`)).toMatchObject({ status: 200 });
  await expect.poll(async () => (await world.api.call('GET', `/api/jobs/${id}`)).status, IN_TIME).toBe(404);
  expect(await statuses()).toEqual(['cancelled']);
  expect(await platformOf(world.nemoUrl, id)).toMatchObject({ models: [], datasets: [], evaluations: [] });
  await expectAtRest(world.nemoUrl, id);
});
