import { createHash } from 'node:crypto';
import { Client } from '@elastic/elasticsearch';
import { ServiceError, type WorkflowClientInterceptor } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { StoreConfig } from '../../src/config/types.js';
import { startCheckedGateway } from '../support/checked-gateway.js';
import type { RunRequest } from '../../src/run-record.js';
import { deleteWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { elasticsearchConfig } from '../support/stores.js';
import { aGateway, JOB, send, type GatewayWorld } from './gateway-world.js';

const elasticsearch = inject('elasticsearch');

/** Two gateways over one Temporal and one store, of which a client may reach any. */
async function twoGateways(store?: StoreConfig) {
  const world = await aGateway(store ? { store } : {});
  const { temporal, taskQueue, logs, runs, config, platform } = world;
  const services = { temporal, taskQueue, logs, runs, config, platform };
  const second = await startCheckedGateway(services, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => second.close());
  const key = { 'Idempotency-Key': 'once' };
  const post = (n: number, body: unknown) =>
    send(`${n % 2 === 0 ? world.url : second.url}/api/jobs`, 'POST', body, key);
  return { world, post };
}

function aStore(): StoreConfig | undefined {
  if ('skipped' in elasticsearch) return undefined;
  const store = elasticsearchConfig(elasticsearch.url);
  onTestFinished(async () => {
    const client = new Client({ node: elasticsearch.url });
    await client.indices.delete({ index: [store.logIndex, store.runIndex], ignore_unavailable: true });
    await client.close();
  });
  return store;
}

/** What was ever started under the id. */
async function workflowsOf({ temporal }: GatewayWorld, id: string): Promise<string[]> {
  const query = `WorkflowId = "${runWorkflowId(id)}"`;
  const found: string[] = [];
  for await (const { runId } of temporal.workflow.list({ query })) found.push(runId);
  return found;
}

const TIMES = 24;
const ID = createHash('sha256')
  .update(JSON.stringify([JOB.client_id, 'once']))
  .digest('hex')
  .slice(0, 24);

test.for(['the embedded store', 'Elasticsearch'])(
  'a request that is sent many times at once to two gateways on %s starts a second run',
  async (name, { skip }) => {
    const store = name === 'Elasticsearch' ? aStore() : undefined;
    if (name === 'Elasticsearch' && !store) skip('skipped' in elasticsearch ? elasticsearch.skipped : '');
    const { world, post } = await twoGateways(store);
    const answers = await Promise.all(Array.from({ length: TIMES }, (_, n) => post(n, JOB)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id))).toEqual(new Set([ID]));
    expect((await post(1, JOB)).body.id).toBe(ID);
    expect((await world.runs.list()).runs).toHaveLength(1);
    await expect.poll(() => workflowsOf(world, ID), { timeout: 30_000 }).toHaveLength(1);
  },
);

test('of two requests that are sent at once under one key, both are taken, or none', async () => {
  const { world, post } = await twoGateways();
  const other = { ...JOB, data_split_config: { eval_size: 33 } };
  const answers = await Promise.all(
    Array.from({ length: TIMES }, (_, n) => post(n >> 1, n % 2 === 0 ? JOB : other)),
  );
  const statuses = [0, 1].map((which) =>
    answers.filter((_, n) => n % 2 === which).map(({ status }) => status),
  );
  const all = (status: number) => Array<number>(TIMES / 2).fill(status);
  const took = statuses[0]![0] === 200 ? JOB : other;
  expect(statuses).toEqual(took === JOB ? [all(200), all(409)] : [all(409), all(200)]);
  const run = await world.runs.get(ID);
  expect(run?.config.split.evalSize === 33).toBe(took === other);
  const workflow = await world.temporal.workflow.getHandle(runWorkflowId(ID)).fetchHistory();
  expect(workflow.events?.length).toBeGreaterThan(0);
});

test('a request that is repeated while its start is held up takes the record of the ended run away', async () => {
  const key = { 'Idempotency-Key': 'once' };
  const submit = () => world.call('POST', '/api/jobs', JOB, key);
  /** The first start is overtaken by another of the same run, which has ended when it goes on. */
  let overtaken = false;
  const overtake = async () => {
    if (overtaken) return;
    overtaken = true;
    expect(await submit()).toMatchObject({ status: 200, body: { id: ID } });
    const begun = await world.runs.get(ID);
    await world.temporal.workflow.getHandle(runWorkflowId(ID)).terminate('a test ends it');
    const ended = { status: 'failed', stage: 'finished', finishedAt: begun!.startedAt } as const;
    await world.runs.put({ ...begun!, ...ended });
  };
  const start: NonNullable<WorkflowClientInterceptor['start']> = async (input, next) => {
    await overtake();
    return await next(input);
  };
  const world = await aGateway({ interceptors: { workflow: [{ start }] } });
  expect(await submit()).toMatchObject({ status: 200, body: { id: ID } });
  expect(overtaken).toBe(true);
  expect((await world.call('GET', `/api/jobs/${ID}`)).body).toMatchObject({ id: ID, status: 'failed' });
});

/** A job that has ended and was deleted, without a worker that would do it. */
async function deletedJob(world: GatewayWorld, key: Record<string, string>): Promise<string> {
  const { body } = await world.call('POST', '/api/jobs', JOB, key);
  await world.temporal.workflow.getHandle(runWorkflowId(body.id)).terminate('a test ends it');
  const status = async () => (await world.call('GET', `/api/jobs/${body.id}`)).body.status;
  await expect.poll(status, IN_TIME).toBe('failed');
  expect((await world.call('DELETE', `/api/jobs/${body.id}`)).status).toBe(200);
  await world.temporal.workflow.getHandle(deleteWorkflowId(body.id)).terminate('a test ends it');
  await world.runs.delete(body.id);
  return body.id;
}

test('of two requests at once under the key of a deleted job one is told that it is started', async () => {
  const key = { 'Idempotency-Key': 'of a deleted job' };
  const submit = () => world.call('POST', '/api/jobs', JOB, key);
  /** The second one comes when the first has its record and has not yet heard that it is too late. */
  let second: ReturnType<typeof submit> | undefined;
  let isDeleted = false;
  const start: NonNullable<WorkflowClientInterceptor['start']> = async (input, next) => {
    if (isDeleted && !second) expect(await (second = submit())).toMatchObject({ status: 409 });
    return await next(input);
  };
  const world = await aGateway({ interceptors: { workflow: [{ start }] } });
  await deletedJob(world, key);
  isDeleted = true;
  const detail = expect.stringMatching(/deleted: use a new key/);
  expect(await submit()).toMatchObject({ status: 409, body: { detail } });
  expect(await second).toMatchObject({ status: 409, body: { detail } });
  expect((await world.runs.list()).runs).toEqual([]);
});

test('a job that ended before it wrote a word is called deleted when it is asked for again, or is so then', async () => {
  const world = await aGateway();
  const submit = () => world.call('POST', '/api/jobs', JOB, { 'Idempotency-Key': 'silent' });
  const { id } = (await submit()).body;
  await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  expect(await submit()).toMatchObject({ status: 200, body: { id } });
  expect(await world.runs.get(id)).toMatchObject({ status: 'pending' });
});

test('a start that was taken, though nobody could see it, takes away what the run has recorded since', async () => {
  const late = Object.assign(new Error('late'), { code: 4, details: 'late', metadata: {} });
  const lost = new ServiceError('no answer', { cause: late });
  const begun = { status: 'running', stage: 'building-datasets' } as const;
  const start: NonNullable<WorkflowClientInterceptor['start']> = async (input, next) => {
    await next(input);
    const [{ runId }] = input.options.args as [RunRequest];
    const record = await world.runs.get(runId);
    await world.runs.put({ ...record!, ...begun });
    throw lost;
  };
  const describe = () => Promise.reject(lost);
  const world = await aGateway({ interceptors: { workflow: [{ start, describe }] } });
  const answer = await world.call('POST', '/api/jobs', JOB);
  expect(answer.status).toBe(503);
  expect((await world.runs.list()).runs).toMatchObject([{ ...begun, finishedAt: null, error: null }]);
});

test('a run that another request has begun meanwhile is put back to what it was before it began', async () => {
  const world = await aGateway();
  const submit = () => world.call('POST', '/api/jobs', JOB, { 'Idempotency-Key': 'overtaken' });
  const { id } = (await submit()).body;
  const record = (await world.runs.get(id))!;
  const finishedAt = record.startedAt;
  await world.runs.put({ ...record, status: 'failed', error: 'Not started', finishedAt });
  const begun = { ...record, status: 'running', stage: 'building-datasets' } as const;
  const get = world.runs.get.bind(world.runs);
  world.runs.get = async (runId) => {
    const known = await get(runId);
    if (known?.stage === 'queued') await world.runs.replace(begun);
    return known;
  };
  expect((await submit()).status).toBe(200);
  expect(await get(id)).toEqual(begun);
});
