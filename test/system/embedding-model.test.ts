import { workflowMetadataQuery } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import type { EmbeddingConfig, RunConfig } from '../../src/config/run-config.js';
import { configurePool } from '../../activities/index.js';
import { modelSlug } from '../../src/ids.js';
import { gpuPoolWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { deployedByUs, expectAtRest, finished, IN_TIME, platformState } from '../support/observe.js';
import { sharedWorld } from '../support/shared-world.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';

// The model that compares examples is a run's while its datasets are built, and then no more, whatever happens.

const EMBEDDING = 'stand-in/tiny-embed-1b';
const MANAGED = { kind: 'managed', image: 'stand-in/embed', tag: 'local', gpus: 1, pvcSize: null } as const;

const shared = sharedWorld();
const { gate } = shared;

const comparedBy =
  (model = EMBEDDING, deployment: EmbeddingConfig['deployment'] = MANAGED) =>
  (run: RunConfig) => {
    untrained(run);
    run.icl = {
      ...run.icl,
      selection: 'semantic_similarity',
      relevanceRatio: 0.7,
      embedding: { model, deployment },
    };
  };

/** Beside a run's steps: the records it keeps, and what asks again for GPUs. */
const BESIDE = ['recordRun', 'repeatRequests'];

/** The run's own steps in the order in which the Temporal UI shows them. */
async function stepsOf(world: World, runId: string): Promise<string[]> {
  const { events } = await world.client.workflow.getHandle(runWorkflowId(runId)).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name;
    const step = activity ?? child;
    return step === undefined || step === null || BESIDE.includes(step) ? [] : [step];
  });
}

const detailsOf = async (world: World, runId: string): Promise<string> => {
  const handle = world.client.workflow.getHandle(runWorkflowId(runId));
  return (await handle.query(workflowMetadataQuery)).currentDetails ?? '';
};

/** A run stops here when its datasets are built, before anything is uploaded. */
const atUpload = () => gate.hold(/^POST \/v1\/namespaces/);

/** Which runs use the embedding model, and for what, by the pool's own word. */
async function users(): Promise<unknown[]> {
  const { body } = await shared.world.api.call('GET', '/api/gpu-pool');
  const { models } = body as { models: { model: string; users: unknown[] }[] };
  return models.find(({ model }) => model === EMBEDDING)?.users ?? [];
}

const userOf = (id: string) => ({ workflow_id: runWorkflowId(id), step: 'datasets', job_id: id });

/** How often the embedding model was deployed until now. */
const deployments = async (): Promise<number> => {
  const { creations } = await platformState(shared.world.nemoUrl);
  const made = Object.entries(creations.deployments).filter(([name]) => name.includes(modelSlug(EMBEDDING)));
  return made.reduce((sum, [, times]) => sum + times, 0);
};

test('the embedding model is held while the candidates are tried, or comes after the datasets', async () => {
  const evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const uploads = atUpload();
  // Nine of the seventy-five others, which whole conversations of three allow.
  const split = { val_ratio: 0.12 };
  const id = await startTrial(shared.world, { models: [TINY], split, configure: comparedBy() });
  await uploads.reached;
  expect(await deployedByUs(shared.world.nemoUrl)).toEqual([modelSlug(EMBEDDING)]);
  expect(await users()).toEqual([userOf(id)]);
  await expect
    .poll(async () => (await shared.world.api.job(id)).embedding_model?.deployment_status, IN_TIME)
    .toBe('ready');
  uploads.open();
  await evaluations.reached;
  expect(await users()).toEqual([]);
  evaluations.open();
  const job = await finished(shared.world.api, id);
  expect(job).toMatchObject({
    status: 'completed',
    error: null,
    warnings: [],
    embedding_model: { model_name: EMBEDDING, type: 'local', deployment_status: 'completed', error: null },
  });
  expect(await detailsOf(shared.world, id)).toContain(`- embedding model ${EMBEDDING}: deployment completed`);
  expect(await stepsOf(shared.world, id)).toEqual(['buildDatasets', 'candidate']);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('two runs that build at once deploy their embedding model twice', async () => {
  const before = await deployments();
  const uploads = atUpload();
  const trial = { models: [TINY], configure: comparedBy() };
  const ids = [await startTrial(shared.world, trial), await startTrial(shared.world, trial)];
  await expect.poll(async () => (await users()).length, IN_TIME).toBe(2);
  expect(await users()).toEqual(expect.arrayContaining(ids.map(userOf)));
  uploads.open();
  for (const id of ids) expect(await finished(shared.world.api, id)).toMatchObject({ status: 'completed' });
  expect(await deployments()).toBe(before + 1);
  for (const id of ids) await expectAtRest(shared.world.nemoUrl, id);
});

test('a model that others serve is deployed, or removed', async () => {
  const before = await deployments();
  const external = { kind: 'external', url: null } as const;
  const id = await startTrial(shared.world, { models: [TINY], configure: comparedBy(EMBEDDING, external) });
  const job = await finished(shared.world.api, id);
  // Nobody serves it here, which the build is told at once.
  expect(job).toMatchObject({
    status: 'failed',
    embedding_model: { type: 'remote', deployment_status: 'ready' },
  });
  expect(job.error).toMatch(/\/v1\/embeddings: 404: .*tiny-embed-1b/);
  expect(await stepsOf(shared.world, id)).toEqual(['buildDatasets']);
  expect(await deployments()).toBe(before);
});

test('an embedding model that does not deploy leaves a run without its reason', async () => {
  const model = 'stand-in/fail-deploy-embed-1b';
  const id = await startTrial(shared.world, { models: [TINY], configure: comparedBy(model) });
  const job = await finished(shared.world.api, id);
  const error = expect.stringMatching(
    /Error deploying the embedding model stand-in\/fail-deploy.*cannot be pulled/,
  );
  expect(job).toMatchObject({
    status: 'failed',
    error,
    datasets: [],
    embedding_model: { deployment_status: 'failed', error },
  });
  expect(await stepsOf(shared.world, id)).toEqual([]);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('datasets that cannot be built leave the embedding model deployed', async () => {
  const split = { min_total_records: 1_000 };
  const id = await startTrial(shared.world, { models: [TINY], split, configure: comparedBy() });
  expect(await finished(shared.world.api, id)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/A minimum of 1000 records is required/) as string,
    embedding_model: { deployment_status: 'completed' },
  });
  await expectAtRest(shared.world.nemoUrl, id);
});

test.each([
  // A run that only waits for its model ends at once.
  ['the embedding model is deployed', /^POST \/v1\/deployment\/model-deployments/, /^(cancelling|finished)$/],
  ['the datasets are built', /^POST \/v1\/namespaces/, /^cancelling$/],
])('a cancellation while %s leaves the model on the platform', async (_when, request, stage) => {
  const held = gate.hold(request);
  const id = await startTrial(shared.world, { models: [TINY], configure: comparedBy() });
  await held.reached;
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  await expect.poll(async () => (await shared.world.api.job(id)).stage, IN_TIME).toMatch(stage);
  held.open();
  expect(await finished(shared.world.api, id)).toMatchObject({ status: 'cancelled', stage: 'finished' });
  expect(await users()).toEqual([]);
  expect(await stepsOf(shared.world, id)).not.toContain('candidate');
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a run that is terminated while it builds its datasets keeps the embedding model', async () => {
  const uploads = atUpload();
  const id = await startTrial(shared.world, { models: [TINY], configure: comparedBy() });
  await uploads.reached;
  await shared.world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  uploads.open();
  await expect.poll(users, IN_TIME).toEqual([]);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a pool that was terminated does not learn from a run what it holds', async () => {
  const { world } = shared;
  const uploads = atUpload();
  const id = await startTrial(world, { models: [TINY], configure: comparedBy() });
  await uploads.reached;
  await world.client.workflow.getHandle(gpuPoolWorkflowId(world.taskQueue)).terminate('a test ends it');
  await configurePool(world.client, world.taskQueue, world.gpuPool);
  await expect.poll(users, IN_TIME).toEqual([userOf(id)]);
  uploads.open();
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed', error: null });
  await expectAtRest(world.nemoUrl, id);
});
