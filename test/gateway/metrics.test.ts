import { expect, test } from 'vitest';
import { createNemo } from '../../src/nemo/index.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { logRecord, runRecord } from '../support/stores.js';
import { aGateway, NO_STORE, type GatewayWorld } from './gateway-world.js';
import { as, keyed, OPS_KEY, SHOP_KEY } from './keyed.js';

/** The samples of one metric, by their labels as they are written; those of this process before are in it. */
async function samples({ call }: GatewayWorld, name: string): Promise<Record<string, number>> {
  const { status, text, headers } = await call('GET', '/metrics');
  expect([status, headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ]);
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels = '', value] = /^\w+(\{.*\})? (\S+)$/.exec(line) ?? [];
      return [labels, Number(value)];
    }),
  );
}

/** By how much the samples have grown meanwhile. */
async function grown(world: GatewayWorld, name: string, work: () => Promise<unknown>) {
  const before = await samples(world, name);
  await work();
  const after = await samples(world, name);
  const entries = Object.entries(after).map(
    ([labels, value]) => [labels, value - (before[labels] ?? 0)] as const,
  );
  return Object.fromEntries(entries.filter(([, by]) => by > 0));
}

test('runs are counted under another status, or those that are gone', async () => {
  const world = await aGateway();
  for (const [n, status] of (['pending', 'failed', 'failed'] as const).entries())
    await world.runs.put(runRecord(n, { status }));
  expect(await samples(world, 'flywheel_runs')).toEqual({
    '{status="pending"}': 1,
    '{status="running"}': 0,
    '{status="completed"}': 0,
    '{status="cancelled"}': 0,
    '{status="failed"}': 2,
  });
  await world.runs.delete(runRecord(1).runId);
  expect(await samples(world, 'flywheel_runs')).toMatchObject({ '{status="failed"}': 1 });
});

test('records are counted before they are stored, or not by what became of them', async () => {
  const world = await aGateway();
  const body = [logRecord(1), logRecord(2), logRecord(1), { workload_id: 'x' }].map((one) =>
    JSON.stringify(one),
  );
  const send = () =>
    world.call('POST', '/api/logs', [...body, '{broken'].join('\n'), {
      'content-type': 'application/x-ndjson',
    });
  expect(await grown(world, 'flywheel_records_total', send)).toEqual({
    '{outcome="appended"}': 2,
    '{outcome="duplicate"}': 1,
    '{outcome="rejected"}': 2,
  });
});

test('requests are told by their paths, which are without number', async () => {
  const world = await aGateway();
  const ask = async () => {
    for (const id of ['0', '1', '2']) await world.call('GET', `/api/jobs/${id.repeat(24)}`);
    await world.call('GET', '/no/such/path');
    await world.call('PUT', '/api/jobs');
  };
  const labels = (method: string, route: string, status: number) =>
    `{method="${method}",route="${route}",status="${status}"}`;
  expect(await grown(world, 'flywheel_http_request_duration_seconds_count', ask)).toEqual({
    [labels('GET', '/api/jobs/:id', 404)]: 3,
    [labels('GET', 'none', 404)]: 1,
    [labels('other', '/api/jobs', 405)]: 1,
    [labels('GET', '/metrics', 200)]: 1,
  });
});

test('calls of NeMo are told without their outcome', async () => {
  const world = await aGateway();
  let status = 200;
  const { url } = await anAnsweringServer(() => ({ status, body: { data: [] } }));
  const nemoAt = (nemoUrl: string) =>
    createNemo({ nemoUrl, nimUrl: nemoUrl, dataStoreUrl: nemoUrl, hfToken: 'x', embeddingApiKey: null });
  const ask = async () => {
    const [ping] = nemoAt(url).pings;
    await ping?.();
    status = 503;
    await ping?.().catch(() => undefined);
    await nemoAt('http://127.0.0.1:9')
      .pings[0]?.()
      .catch(() => undefined);
  };
  const counts = await grown(world, 'flywheel_nemo_request_duration_seconds_count', ask);
  const outcomes = Object.keys(counts).map((labels) => /outcome="(\w+)"/.exec(labels)?.[1]);
  expect(outcomes.sort()).toEqual(['200', '503', 'unreachable']);
  for (const labels of Object.keys(counts))
    expect(labels).toMatch(/^\{service="[^"]+",method="GET",outcome=/);
});

test('a store that is away takes all metrics with it', async () => {
  const world = await aGateway({ store: NO_STORE, temporalAddress: '127.0.0.1:9' });
  expect(await samples(world, 'flywheel_runs')).toEqual({});
  expect(Object.keys(await samples(world, 'process_resident_memory_bytes'))).toHaveLength(1);
});

test('the numbers of all clients are told to one of them', async () => {
  const world = await aGateway({ configure: keyed });
  expect(await as(world, SHOP_KEY)('GET', '/metrics')).toMatchObject({
    status: 404,
    body: { detail: 'Not Found' },
  });
  expect((await as(world, OPS_KEY)('GET', '/metrics')).status).toBe(200);
});

test('a metric names a client, a workload or a job', async () => {
  const world = await aGateway();
  await world.call(
    'POST',
    '/api/logs',
    logRecord(1, { client_id: 'secret-client', workload_id: 'secret-workload' }),
  );
  const run = runRecord(Date.now());
  await world.runs.put(run);
  await world.call('GET', `/api/jobs/${run.runId}?client_id=secret-client`);
  const { text } = await world.call('GET', '/metrics');
  expect(text).not.toMatch(/secret/);
  expect(text).not.toContain(run.runId);
});
