import { workflowMetadataQuery } from '@temporalio/workflow';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keywordKey, SEARCH_ATTRIBUTES } from '../../src/search-attributes.js';
import {
  candidateWorkflowId,
  CUSTOMIZATION_ACTIVITY,
  evaluationActivity,
  runWorkflowId,
} from '../../workflows/contract.js';
import { Gate } from '../support/gate.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { activitiesOf } from '../support/shown-activities.js';
import { startTrial, TINY } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

// One run, stopped in the middle and then let go: what Temporal's own UI shows of it, which is all that an operator
// without our gateway has.

const WORKLOAD = 'orders_seen_in_temporal';
const OTHER = 'stand-in/fail-deploy-1b';

// For a busy machine; on another one each test takes seconds.
vi.setConfig({ testTimeout: 180_000 });

const gate = new Gate();
let world: World;
let id: string;
let evaluations: ReturnType<Gate['hold']>;
beforeAll(async () => {
  world = await startWorld({ gate });
  await world.api.importRecords(orderLogs(30, WORKLOAD));
  evaluations = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  id = await startTrial(world, { models: [TINY, OTHER], workload: WORKLOAD });
  await evaluations.reached;
  await vi.waitUntil(async () => (await platformOf(world.nemoUrl, id)).evaluations.length >= 2, IN_TIME);
});
afterAll(() => world.close());

const run = () => world.client.workflow.getHandle(runWorkflowId(id));
const child = () => world.client.workflow.getHandle(candidateWorkflowId(id, TINY));
type Handle = ReturnType<typeof run>;

const details = async (handle: Handle): Promise<string> =>
  (await handle.query(workflowMetadataQuery)).currentDetails ?? '';

const memoStage = async () => (await run().describe()).memo?.['stage'];

/** The values of our search attributes, by name. */
async function attributes(handle: Handle) {
  const { typedSearchAttributes } = await handle.describe();
  return Object.fromEntries(
    SEARCH_ATTRIBUTES.map((name) => [name, typedSearchAttributes.get(keywordKey(name))]),
  );
}

const found = async (query: string): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { workflowId } of world.client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
};

test('a run in the list of workflows does not say whose it is', async () => {
  const described = await run().describe();
  expect(await described.staticSummary()).toBe(`${ORDERS.client} / ${WORKLOAD}`);
  expect(described.memo).toMatchObject({ workloadId: WORKLOAD, clientId: ORDERS.client });
  expect(await (await child().describe()).staticSummary()).toBe(`${TINY} for ${ORDERS.client} / ${WORKLOAD}`);
});

test('an open run does not say how far it is', async () => {
  await expect
    .poll(() => details(run()), IN_TIME)
    .toContain(`- ${OTHER}: failed · no result: Error deploying`);
  await expect.poll(() => details(run()), IN_TIME).toContain(`- ${TINY}: running-evals`);
  expect(await memoStage()).toBe('trying-candidates');
  const said = await details(run());
  expect(said).toContain(`**${ORDERS.client} / ${WORKLOAD}**: running, trying-candidates`);
  expect(said).toMatch(/- 90 records read; \d+ rows to evaluate, \d+ to train, \d+ to validate/);
  const ofChild = await details(child());
  expect(ofChild).toContain(`**${TINY}**: running-evals, deployment ready`);
  expect(ofChild).toContain('- base: running');
  expect(ofChild).toContain('- icl: running');
  expect(ofChild).toContain('- customization: ');
});

test('open runs and candidates cannot be found by workload, client, model and status', async () => {
  const ours = { FlywheelWorkloadId: WORKLOAD, FlywheelClientId: ORDERS.client };
  expect(await attributes(run())).toEqual({ ...ours, FlywheelStatus: 'running', FlywheelModel: undefined });
  expect(await attributes(child())).toEqual({ ...ours, FlywheelStatus: 'running', FlywheelModel: TINY });
  // The list lags behind, and other tests have runs of other workloads.
  await expect
    .poll(() => found(`FlywheelWorkloadId = "${WORKLOAD}" AND FlywheelStatus = "running"`), IN_TIME)
    .toEqual([runWorkflowId(id), candidateWorkflowId(id, TINY)].sort());
  await expect
    .poll(() => found(`FlywheelWorkloadId = "${WORKLOAD}" AND FlywheelModel = "${OTHER}"`), IN_TIME)
    .toEqual([candidateWorkflowId(id, OTHER)]);
});

/** Lets the run go, and waits for its own end. */
async function ended(): Promise<void> {
  evaluations.open();
  await finished(world.api, id);
  await run().result();
}

test('a finished run does not show its outcome', async () => {
  await ended();
  expect(await memoStage()).toBe('finished');
  expect(await details(run())).toContain(`**${ORDERS.client} / ${WORKLOAD}**: completed, finished`);
  expect(await details(run())).toMatch(new RegExp(`- ${TINY}: completed · .*production`));
  expect(await details(child())).toMatch(/- base: completed · function_name \d\.\d\d \(n \d+\)/);
  expect(await details(child())).toMatch(/- verdict: .*production/);
  expect(await attributes(run())).toMatchObject({ FlywheelStatus: 'completed' });
  expect(await attributes(child())).toMatchObject({ FlywheelStatus: 'completed' });
  const other = world.client.workflow.getHandle(candidateWorkflowId(id, OTHER));
  expect(await attributes(other)).toMatchObject({ FlywheelStatus: 'failed' });
});

test('the timeline shows activities that nobody can tell apart', async () => {
  await ended();
  const ofRun = (await activitiesOf(run())).map(({ summary }) => summary);
  expect(ofRun.slice(0, 2)).toEqual([
    'record: building-datasets',
    `build datasets from ${ORDERS.client} / ${WORKLOAD}`,
  ]);
  expect(ofRun).toEqual(expect.arrayContaining(['record: trying-candidates']));
  expect(ofRun.at(-1)).toBe('record: finished');

  const ofChild = await activitiesOf(child());
  expect(ofChild).toEqual(
    expect.arrayContaining([
      { id: CUSTOMIZATION_ACTIVITY, summary: `customize ${TINY}` },
      ...['base', 'icl', 'customized'].map((kind) => ({
        id: evaluationActivity(kind),
        summary: `evaluate ${TINY}: ${kind}`,
      })),
      { id: expect.any(String), summary: `report on ${TINY}` },
    ]),
  );
  expect(ofChild.every(({ summary }) => summary.length > 0)).toBe(true);
});
