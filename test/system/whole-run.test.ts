import { expect, inject, onTestFinished, test } from 'vitest';
import type { StoreConfig } from '../../src/config/types.js';
import { datasetNames } from '../../src/ids.js';
import { keywordKey } from '../../src/search-attributes.js';
import { candidateWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { finished, IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { startWorld, type World } from '../support/world.js';

const MODELS = ['stand-in/tiny-1b', 'stand-in/tiny-3b', 'stand-in/tiny-8b'];

async function wholeRun(world: World): Promise<string> {
  await world.api.importRecords(orderLogs(50));
  const id = await world.api.start(ORDERS.workload, ORDERS.client, { eval_size: 40 });
  const job = await finished(world.api, id);

  expect(job).toMatchObject({ status: 'completed', error: null, llm_judge: { type: 'local' } });
  expect(job.nims.map((nim) => nim.model_name)).toEqual(MODELS);
  const { evaluation, inContext, training } = datasetNames(ORDERS.workload, id);
  expect(job.datasets.map(({ name }) => name)).toEqual([evaluation, inContext, training]);
  for (const nim of job.nims) {
    expect(nim, nim.model_name).toMatchObject({ status: 'completed', error: null });
    expect(nim.evaluations.map((evaluation) => evaluation.eval_type)).toEqual([
      'base-eval',
      'icl-eval',
      'customized-eval',
    ]);
    for (const { scores, counts } of nim.evaluations) {
      expect(Object.keys(scores).length).toBeGreaterThan(0);
      expect(Object.keys(counts)).toEqual(Object.keys(scores));
    }
    expect(nim.customizations).toMatchObject([{ progress: 100, epochs_completed: 2, error: null }]);
    expect(nim.verdict?.text).toMatch(/production/);
  }
  return id;
}

async function nothingIsLeft(world: World, id: string): Promise<void> {
  await expect.poll(async () => (await platformState(world.nemoUrl)).deployments, IN_TIME).toEqual([]);
  const state = await platformState(world.nemoUrl);
  expect(state.customizations.map((job) => job.status)).toEqual(['completed', 'completed', 'completed']);
  expect(state.evaluations).toHaveLength(9);
  expect(state.evaluations.every((job) => job.status === 'completed')).toBe(true);
  expect(Object.values(datasetNames(ORDERS.workload, id)).sort()).toEqual(
    state.datasets.map((dataset) => dataset.name).sort(),
  );
}

async function historiesAreShort(world: World, id: string): Promise<void> {
  for (const model of MODELS) {
    const history = await world.client.workflow.getHandle(candidateWorkflowId(id, model)).fetchHistory();
    expect(history.events?.length).toBeLessThanOrEqual(75);
  }
}

test('a run on the embedded store ends without a verdict or leaves something behind', async () => {
  const world = await startWorld();
  onTestFinished(() => world.close());
  const id = await wholeRun(world);
  await nothingIsLeft(world, id);
  await historiesAreShort(world, id);

  const { status } = await world.api.call('DELETE', `/api/jobs/${id}`);
  expect(status).toBe(200);
  await expect
    .poll(async () => (await world.api.call('GET', `/api/jobs/${id}`)).status, { timeout: 30_000 })
    .toBe(404);
  const state = await platformState(world.nemoUrl);
  expect(state).toMatchObject({ datasets: [], evaluations: [], models: [] });
}, 180_000);

test('a run on Elasticsearch ends without a verdict or leaves something behind', async ({ skip }) => {
  const elasticsearch = inject('elasticsearch');
  if ('skipped' in elasticsearch) skip(elasticsearch.skipped);
  else {
    const prefix = `whole-run-${Date.now()}`;
    const world = await startWorld({
      store: (): StoreConfig => ({
        kind: 'elasticsearch',
        url: elasticsearch.url,
        logIndex: prefix,
        runIndex: `${prefix}-runs`,
      }),
    });
    onTestFinished(() => world.close());
    const id = await wholeRun(world);
    await nothingIsLeft(world, id);
    const handle = world.client.workflow.getHandle(runWorkflowId(id));
    await handle.result();
    const workflow = await handle.describe();
    expect(workflow.status.name).toBe('COMPLETED');
    expect(workflow.typedSearchAttributes.get(keywordKey('FlywheelStatus'))).toBe('completed');
  }
}, 180_000);
