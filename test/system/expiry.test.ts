import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import type { StoreConfig } from '../../src/config/types.js';
import type { RunRecord } from '../../src/run-record.js';
import { FLYWHEEL_RUN, runWorkflowId, type SweepInput } from '../../workflows/contract.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { elasticsearchConfig, exported, logRecord, runRecord } from '../support/stores.js';
import { startSweep, sweepInput } from '../support/sweep.js';
import { startTrial, TINY, untrained } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

const elasticsearch = inject('elasticsearch');

let world: World;

const DAY = 86_400_000;
const daysAgo = (days: number) => Date.now() - days * DAY;
const sweepWith = async (retention: SweepInput['retention']) => {
  const handle = await startSweep(world, { ...sweepInput(world), ...(retention && { retention }) });
  return await handle.result();
};
/** A record whose workflow is open, and waits for a worker. */
async function putOpen(run: RunRecord): Promise<void> {
  const workflow = await world.client.workflow.start(FLYWHEEL_RUN, {
    taskQueue: `${world.taskQueue}-nobody`,
    workflowId: runWorkflowId(run.runId),
  });
  onTestFinished(async () => void (await workflow.terminate()));
  await world.stores.runs.put(run);
}

const anEndedRun = (n: number, days: number, changes: Partial<RunRecord> = {}) => {
  const at = new Date(daysAgo(days)).toISOString();
  const { run: config } = world.config;
  return runRecord(n, {
    ...{ status: 'completed', stage: 'finished', startedAt: at, finishedAt: at, config },
    ...changes,
  });
};

/** The same with each store; `first` is the number of its first run. */
function expiry(store: StoreConfig | undefined, first: number): void {
  beforeAll(async () => {
    world = await startWorld(store && { store: () => store });
  });
  afterAll(() => world.close());

  test('old records stay, or new ones and those that a run may still read go', async () => {
    const { logs, runs } = world.stores;
    const records = [100, 91, 89, 0].map((days) => logRecord(days, { timestamp: daysAgo(days) }));
    const inUse = records.map((record) => ({ ...record, workload_id: 'in-use' }));
    const pending = records.map((record) => ({ ...record, workload_id: 'about-to-be' }));
    await logs.append([...records, ...inUse, ...pending]);
    const open = runRecord(first, { workloadId: 'in-use', status: 'running', stage: 'building-datasets' });
    const queued = runRecord(first + 1, { workloadId: 'about-to-be' });
    for (const run of [open, queued]) await putOpen(run);

    expect((await sweepWith(undefined)).expired).toEqual([]);
    expect(await exported(logs)).toHaveLength(4);
    const swept = await sweepWith({ logsMs: 90 * DAY, runsMs: null });
    expect(swept).toMatchObject({ expired: ['2 records of shop / checkout'], problems: [] });
    expect((await exported(logs)).map(({ record }) => record)).toEqual(records.slice(2));
    for (const workloadId of ['in-use', 'about-to-be'])
      expect(await exported(logs, { workloadId })).toHaveLength(4);
    for (const run of [open, queued]) expect(await runs.get(run.runId)).toEqual(run);

    for (const run of [open, queued]) await runs.delete(run.runId);
    expect((await sweepWith({ logsMs: 90 * DAY, runsMs: null })).expired.sort()).toEqual([
      '2 records of shop / about-to-be',
      '2 records of shop / in-use',
    ]);
  });

  test('an old job stays, leaves its datasets and models behind, or takes an open or a young one with it', async () => {
    const { runs } = world.stores;
    await world.api.importRecords(orderLogs(30));
    const whole = await startTrial(world, { models: [TINY], configure: untrained });
    await finished(world.api, whole);
    expect((await platformOf(world.nemoUrl, whole)).datasets).not.toEqual([]);
    const [old, young] = [anEndedRun(first + 2, 400), anEndedRun(first + 3, 300)];
    const open = runRecord(first + 4, {
      ...anEndedRun(first + 4, 500),
      finishedAt: null,
      status: 'running',
      stage: 'cancelling',
    });
    for (const run of [old, young]) await runs.put(run);
    await putOpen(open);

    const swept = await sweepWith({ logsMs: null, runsMs: 365 * DAY });
    expect(swept).toMatchObject({ expired: [`run ${old.runId}`], problems: [] });
    await expect.poll(() => runs.get(old.runId), IN_TIME).toBeNull();
    for (const run of [young, open]) expect(await runs.get(run.runId)).toEqual(run);

    const again = await sweepWith({ logsMs: null, runsMs: 1 });
    expect(again.problems).toEqual([]);
    expect(again.expired.sort()).toEqual([`run ${whole}`, `run ${young.runId}`].sort());
    await expect
      .poll(async () => (await world.api.call('GET', `/api/jobs/${whole}`)).status, IN_TIME)
      .toBe(404);
    expect((await platformOf(world.nemoUrl, whole)).datasets).toEqual([]);
    expect(await runs.get(open.runId)).toEqual(open);
    const count = { workloadId: ORDERS.workload, clientId: ORDERS.client, since: 0 };
    expect((await world.stores.logs.count(count)).all).toBeGreaterThan(0);
  });
}

describe('with DuckDB', () => expiry(undefined, 1));

const missing = 'skipped' in elasticsearch ? ` (${elasticsearch.skipped})` : '';
describe.skipIf('skipped' in elasticsearch)(`with Elasticsearch${missing}`, () =>
  expiry('url' in elasticsearch ? elasticsearchConfig(elasticsearch.url) : undefined, 100),
);
