import { workflowMetadataQuery } from '@temporalio/workflow';
import { expect, test } from 'vitest';
import type { EmbeddingConfig, RunConfig } from '../../src/config/run-config.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { expectAtRest, finished, IN_TIME, platformOf } from '../support/observe.js';
import { sharedWorld } from '../support/shared-world.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';

// The model that compares examples is there while the datasets are built, and then no more, whatever happens.

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

/** The run's own steps in the order in which the Temporal UI shows them, without the records it keeps. */
async function stepsOf(world: World, runId: string): Promise<string[]> {
  const { events } = await world.client.workflow.getHandle(runWorkflowId(runId)).fetchHistory();
  return (events ?? []).flatMap((event) => {
    const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
    const child = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowType?.name;
    const step = activity ?? child;
    return step === undefined || step === null || step === 'recordRun' ? [] : [step];
  });
}

const detailsOf = async (world: World, runId: string): Promise<string> => {
  const handle = world.client.workflow.getHandle(runWorkflowId(runId));
  return (await handle.query(workflowMetadataQuery)).currentDetails ?? '';
};

const deployed = async (id: string) =>
  (await platformOf(shared.world.nemoUrl, id)).deployments.map(({ name }) => name);

test('the embedding model stays while the candidates are tried, or comes after the datasets', async () => {
  // Nine of the seventy-five others, which whole conversations of three allow.
  const split = { val_ratio: 0.12 };
  const id = await startTrial(shared.world, { models: [TINY], split, configure: comparedBy() });
  const job = await finished(shared.world.api, id);
  expect(job).toMatchObject({
    status: 'completed',
    error: null,
    warnings: [],
    embedding_model: { model_name: EMBEDDING, type: 'local', deployment_status: 'completed', error: null },
  });
  expect(await detailsOf(shared.world, id)).toContain(`- embedding model ${EMBEDDING}: deployment completed`);
  const steps = await stepsOf(shared.world, id);
  expect(steps.slice(0, 3)).toEqual(['deployModel', 'buildDatasets', 'undeployModel']);
  expect(steps.indexOf('candidate')).toBeGreaterThan(2);
  await expectAtRest(shared.world.nemoUrl, id);
});

test('a model that others serve is deployed, or removed', async () => {
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
  expect(await stepsOf(shared.world, id)).toEqual(['deployModel', 'undeployModel']);
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
  ['the embedding model is deployed', /^POST \/v1\/deployment\/model-deployments/],
  ['the datasets are built', /^POST \/v1\/namespaces/],
])('a cancellation while %s leaves the model on the platform', async (_when, request) => {
  const held = gate.hold(request);
  const id = await startTrial(shared.world, { models: [TINY], configure: comparedBy() });
  await held.reached;
  await shared.world.api.call('POST', `/api/jobs/${id}/cancel`);
  await expect.poll(async () => (await shared.world.api.job(id)).stage, IN_TIME).toBe('cancelling');
  held.open();
  expect(await finished(shared.world.api, id)).toMatchObject({ status: 'cancelled', stage: 'finished' });
  expect(await deployed(id)).toEqual([]);
  expect(await stepsOf(shared.world, id)).not.toContain('candidate');
});
