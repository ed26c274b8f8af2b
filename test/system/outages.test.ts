import type { WorkflowHandle } from '@temporalio/client';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import type { StoreConfig } from '../../src/config/types.js';
import { LIMIT_MS } from '../../src/gateway/temporal-call.js';
import { waiting } from '../gpu-leases/holders.js';
import { aFreezableWay, type Way } from '../support/freezable-way.js';
import { Gate, type Hold } from '../support/gate.js';
import { expectAtRest, finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { elasticsearchConfig } from '../support/stores.js';
import { ENDLESS, TINY } from '../support/trial-runs.js';
import { type ActivityName, Troubles } from '../support/troubles.js';
import { startWorld, withModel, type World, type WorldOptions } from '../support/world.js';

vi.setConfig({ testTimeout: 240_000 });

/** What a run asks of NeMo in each of its stages: there the service goes away. */
const STAGES: Record<string, RegExp> = {
  'building datasets': /^POST \/v1\/datasets/,
  deploying: /^GET .*\/model-deployments\/./,
  training: /^GET \/v1\/customization\/jobs\/./,
  evaluating: /^GET \/v1\/evaluation\/jobs\/./,
  undeploying: /^DELETE .*\/model-deployments\/./,
  // Keeps the run from its end while its models go.
  reporting: /^GET .*\/download-results/,
};

/** The GPUs of judge and candidate: a training has to wait for them, or they for it. */
const GPUS = 5;

interface Outage {
  world: World;
  gate: Gate;
  cut(): void;
  mend(): void;
}

type Start = (options: WorldOptions) => Promise<{ world: World; ways: Way[] }>;

async function throughWays() {
  const ways: Way[] = [];
  const through = async (url: string) => {
    const way = await aFreezableWay(url);
    ways.push(way);
    return way.url;
  };
  return { ways, through };
}

const elasticsearch = inject('elasticsearch');

const beforeElasticsearch: Start = async (options) => {
  const url = 'url' in elasticsearch ? elasticsearch.url : '';
  const { ways, through } = await throughWays();
  const store: StoreConfig = { ...elasticsearchConfig(url), url: await through(url) };
  return { ways, world: await startWorld({ ...options, store: () => store }) };
};

const before =
  (service: 'nemo' | 'temporal'): Start =>
  async (options) => {
    const { ways, through } = await throughWays();
    return { ways, world: await startWorld({ ...options, through: { [service]: through } }) };
  };

/** A world with logs, one candidate, and ways to one service that may be cut. */
async function anOutage(
  start: Start,
  model: string,
  gpuPool: WorldOptions['gpuPool'] = {},
  between: WorldOptions['between'] = (activities) => activities,
): Promise<Outage> {
  const gate = new Gate();
  const configure: WorldOptions['configure'] = (run) => {
    run.candidates = run.candidates.slice(0, 1).map((candidate) => withModel(candidate, model));
  };
  const { world, ways } = await start({ gate, configure, gpuPool, between });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  return {
    world,
    gate,
    cut: () => ways.forEach((way) => way.cut()),
    mend: () => ways.forEach((way) => way.mend()),
  };
}

/** No answer takes longer than two calls that wait as long as they may. */
const ANSWERS_WITHIN_MS = 2 * LIMIT_MS;

const begin = ({ world }: Outage) => world.api.start(ORDERS.workload, ORDERS.client, { eval_size: 15 });

const ask = async ({ world }: Outage, method: string, path: string, body?: unknown) => {
  const response = await fetch(world.api.url + path, {
    method,
    signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    body: (await response.json()) as { detail?: string; status?: string; stale_seconds?: number },
  };
};

/** Says for each service what the API answers without it, and what it still can. */
interface Service {
  start: Start;
  named: RegExp;
  without: (outage: Outage, id: string, stage: string) => Promise<void>;
}

const JOB = { workload_id: ORDERS.workload, client_id: ORDERS.client };
const refused = (named: RegExp) => ({
  status: 503,
  retryAfter: '5',
  body: { detail: expect.stringMatching(named) as string },
});

const SERVICES: Record<string, Service> = {
  Elasticsearch: {
    start: beforeElasticsearch,
    named: /Elasticsearch at http:\/\/127.* cannot be reached/,
    async without(outage, id, stage) {
      expect(await ask(outage, 'GET', '/api/jobs'), stage).toMatchObject(refused(this.named));
      expect(await ask(outage, 'POST', '/api/jobs', JOB), stage).toMatchObject(refused(this.named));
      expect(await ask(outage, 'GET', `/api/jobs/${id}`), stage).toMatchObject({ status: 200 });
    },
  },
  Temporal: {
    start: before('temporal'),
    named: /Temporal at 127.* cannot be reached/,
    async without(outage, id, stage) {
      const stale = async () => (await ask(outage, 'GET', `/api/jobs/${id}`)).body.stale_seconds;
      await expect.poll(stale, { ...IN_TIME, message: stage }).toEqual(expect.any(Number));
    },
  },
  NeMo: {
    start: before('nemo'),
    named: /GET http.*\/v1\/namespaces: no answer .*GET http.*\/v1\/datastore\/namespaces: no answer/s,
    async without(outage, id, stage) {
      const { status, body } = await ask(outage, 'GET', `/api/jobs/${id}`);
      expect({ status, job: body.status }, stage).toEqual({ status: 200, job: 'running' });
    },
  },
};

/** The service is away until the API has said so. */
async function away(outage: Outage, service: Service, id: string, stage: string): Promise<void> {
  outage.cut();
  const ready = () => ask(outage, 'GET', '/ready');
  await expect.poll(ready, { ...IN_TIME, message: stage }).toMatchObject(refused(service.named));
  await service.without(outage, id, stage);
  outage.mend();
}

/** Asserts that a run has made each of its jobs once, and left nothing deployed. */
async function expectDoneOnce({ world: { nemoUrl } }: Outage, id: string): Promise<void> {
  const { creations } = await platformState(nemoUrl);
  expect(Object.values(creations.customizations)).toEqual([1]);
  expect(Object.values(creations.evaluations)).toEqual([1, 1, 1]);
  await expectAtRest(nemoUrl, id);
}

const skipped = (name: string) => name === 'Elasticsearch' && 'skipped' in elasticsearch;
const cases = Object.keys(SERVICES);

test.for(cases)(
  '%s that is away for a while in every stage of a run ends it, or makes it do a thing twice',
  async (name, { skip }) => {
    if (skipped(name)) skip('skipped' in elasticsearch ? elasticsearch.skipped : '');
    const service = SERVICES[name]!;
    const outage = await anOutage(service.start, TINY);
    const holds = Object.entries(STAGES).map(([stage, asked]): [string, Hold] => [
      stage,
      outage.gate.hold(asked),
    ]);
    const id = await begin(outage);
    const evaluations = async () => (await platformOf(outage.world.nemoUrl, id)).evaluations.length;
    for (const [stage, hold] of holds) {
      await hold.reached;
      // All of them at once: the models are in use until the last of them is over.
      if (stage === 'evaluating') await expect.poll(evaluations, IN_TIME).toBe(3);
      await away(outage, service, id, stage);
      hold.open();
    }
    expect(await finished(outage.world.api, id)).toMatchObject({ status: 'completed', error: null });
    // An answer is good for a second.
    await expect.poll(async () => (await ask(outage, 'GET', '/ready')).status, IN_TIME).toBe(200);
    await expectDoneOnce(outage, id);
  },
);

/** What a run writes into the store, or reads there, in the order in which it does. */
const STORE_CALLS: [ActivityName, string][] = [
  ['recordRun', '"stage":"building-datasets"'],
  ['buildDatasets', ''],
  ['recordRun', '"stage":"trying-candidates"'],
  ['recordRun', '"stage":"finished"'],
  ['deleteRunRecord', ''],
];

test('what a run writes or reads while Elasticsearch is away is not tried again, and ends it', async ({
  skip,
}) => {
  if ('skipped' in elasticsearch) skip(elasticsearch.skipped);
  const troubles = new Troubles();
  const outage = await anOutage(beforeElasticsearch, TINY, {}, troubles.between);
  const { api, client } = outage.world;
  const calls = STORE_CALLS.map(([activity, said]) => ({
    activity,
    held: troubles.holds(activity, new RegExp(said), 'before'),
  }));
  const id = await begin(outage);
  for (const { activity, held } of calls) {
    if (activity === 'deleteRunRecord') {
      expect(await finished(api, id)).toMatchObject({ status: 'completed', error: null });
      expect(await api.call('DELETE', `/api/jobs/${id}`)).toMatchObject({ status: 200 });
    }
    const workflow = client.workflow.getHandle(await held.struck);
    outage.cut();
    held.lift();
    const failure = async () => (await pendingOf(workflow, activity))?.lastFailure?.message;
    await expect.poll(failure, { ...IN_TIME, message: activity }).toMatch(SERVICES['Elasticsearch']!.named);
    outage.mend();
  }
  await expect.poll(async () => (await api.call('GET', `/api/jobs/${id}`)).status, IN_TIME).toBe(404);
});

async function pendingOf(workflow: WorkflowHandle, activity: ActivityName) {
  const { raw } = await workflow.describe();
  return raw.pendingActivities?.find(({ activityType }) => activityType?.name === activity);
}

test.for(cases)(
  '%s that is away for a while when a run waits for GPUs ends it, or makes it wait for ever',
  async (name, { skip }) => {
    if (skipped(name)) skip('skipped' in elasticsearch ? elasticsearch.skipped : '');
    const service = SERVICES[name]!;
    const outage = await anOutage(service.start, TINY, { totalGpus: GPUS });
    const working = outage.gate.hold(/^GET \/v1\/(?:customization|evaluation)\/jobs\/./);
    const id = await begin(outage);
    await working.reached;
    await waiting(outage.world, 1);
    await away(outage, service, id, 'waiting for GPUs');
    working.open();
    expect(await finished(outage.world.api, id)).toMatchObject({ status: 'completed', error: null });
    await expectDoneOnce(outage, id);
  },
);

test.for(cases)(
  '%s that is away while a run is being cancelled, and then deleted, leaves something of it',
  async (name, { skip }) => {
    if (skipped(name)) skip('skipped' in elasticsearch ? elasticsearch.skipped : '');
    const service = SERVICES[name]!;
    const outage = await anOutage(service.start, ENDLESS);
    const { api, nemoUrl } = outage.world;
    const id = await begin(outage);
    const training = async () => (await platformOf(nemoUrl, id)).customizations.map(({ status }) => status);
    await expect.poll(training, IN_TIME).toEqual(['running']);

    const stopping = outage.gate.hold(/^POST \/v1\/customization\/jobs\/.*\/cancel/);
    await api.call('POST', `/api/jobs/${id}/cancel`);
    await stopping.reached;
    await away(outage, service, id, 'cancelling');
    stopping.open();
    expect(await finished(api, id)).toMatchObject({ status: 'cancelled' });
    expect(await training()).toEqual(['cancelled']);
    await expectAtRest(nemoUrl, id);

    const deleting = outage.gate.hold(/^(?:DELETE|GET) \/v1\/evaluation\/jobs/);
    await api.call('DELETE', `/api/jobs/${id}`);
    await deleting.reached;
    outage.cut();
    await expect.poll(() => ask(outage, 'GET', '/ready'), IN_TIME).toMatchObject(refused(service.named));
    outage.mend();
    deleting.open();
    await expect.poll(async () => (await api.call('GET', `/api/jobs/${id}`)).status, IN_TIME).toBe(404);
    const left = await platformOf(nemoUrl, id);
    expect(left).toMatchObject({ datasets: [], evaluations: [], models: [], repositories: [] });
  },
);
