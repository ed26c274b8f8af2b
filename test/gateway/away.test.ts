import { describe, expect, inject, test } from 'vitest';
import type { LoadedConfig } from '../../src/config/types.js';
import { GatewayError, startGateway } from '../../src/gateway/index.js';
import { installationOf } from '../../src/installation.js';
import type { RunRecord } from '../../src/run-record.js';
import { aFreezableWay } from '../support/freezable-way.js';
import { aPlatform } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { runRecord } from '../support/stores.js';
import { aGateway, JOB, NO_STORE, NOWHERE } from './gateway-world.js';

describe('without Temporal', () => {
  test('a job that was not started looks pending for ever, or cannot be asked for again', async () => {
    const { call, runs } = await aGateway({ temporalAddress: NOWHERE });
    const answer = await call('POST', '/api/jobs', JOB, { 'Idempotency-Key': 'k' });
    expect(answer).toMatchObject({
      status: 503,
      body: {
        detail: expect.stringMatching(
          /^Temporal at 127\.0\.0\.1:9 cannot be reached \(no answer within 5 s\): start it/,
        ),
      },
    });
    expect(answer.headers.get('retry-after')).toBe('5');
    const [run] = (await runs.list()).runs;
    expect(run).toMatchObject({ status: 'failed', error: expect.stringMatching(/^Not started: Temporal/) });
    expect(run?.finishedAt).not.toBeNull();
    const again = await call('POST', '/api/jobs', JOB, { 'Idempotency-Key': 'k' });
    expect(again.status).toBe(503);
    expect((await runs.list()).runs).toHaveLength(1);
  });

  test('a job is pending before Temporal has answered, and stays so if its gateway is killed then', async () => {
    const way = await aFreezableWay(`http://${inject('temporal').address}`);
    const { call, runs, temporal } = await aGateway({ temporalAddress: new URL(way.url).host });
    const written: Partial<RunRecord>[] = [];
    const create = runs.create.bind(runs);
    runs.create = (record) => {
      written.push(record);
      return create(record);
    };
    const key = { 'Idempotency-Key': 'of a job that is not begun' };
    way.cut();
    expect((await call('POST', '/api/jobs', JOB, key)).status).toBe(503);
    expect(written).toMatchObject([{ status: 'failed' }]);
    way.mend();
    const again = async () => (await call('POST', '/api/jobs', JOB, key)).status;
    await expect.poll(again, IN_TIME).toBe(200);
    const installation = await installationOf(temporal);
    expect((await runs.list()).runs).toMatchObject([{ status: 'pending', installation }]);
  });

  test('an open job cannot be read', async () => {
    const { call, runs } = await aGateway({ temporalAddress: NOWHERE });
    await runs.put(runRecord(1, { status: 'running', stage: 'trying-candidates' }));
    const { status, body } = await call('GET', `/api/jobs/${runRecord(1).runId}`);
    expect([status, body.status]).toEqual([200, 'running']);
    expect(body.stale_seconds).toBeGreaterThan(1000);
    const cancelling = await call('POST', `/api/jobs/${runRecord(1).runId}/cancel`);
    const detail = expect.stringMatching(/^Temporal at 127\.0\.0\.1:9 cannot be reached/);
    expect(cancelling).toMatchObject({ status: 503, body: { detail } });
    expect(cancelling.headers.get('retry-after')).toBe('5');
  });

  test('the gateway says that it is ready', async () => {
    const { call } = await aGateway({ temporalAddress: NOWHERE });
    const answer = await call('GET', '/ready');
    expect(answer).toMatchObject({
      status: 503,
      body: { detail: expect.stringMatching(/TEMPORAL_ADDRESS/) },
    });
    expect((await call('GET', '/health')).status).toBe(200);
  });
});

describe('without Elasticsearch', () => {
  test.each(['/api/jobs', '/ready'])('GET %s does not say what is missing', async (path) => {
    const { call } = await aGateway({ store: NO_STORE });
    const answer = await call('GET', path);
    const detail = expect.stringMatching(/Elasticsearch .*check that it runs and that ELASTICSEARCH_URL/i);
    expect(answer.body.detail.match(/cannot be reached/g)).toHaveLength(1);
    expect(answer).toMatchObject({ status: 503, body: { detail } });
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});

test.each([
  [
    'nemoUrl',
    /GET http:\/\/127\.0\.0\.1:9\/v1\/namespaces: no answer .*is entity store up and its URL right/,
  ],
  ['nimUrl', /GET http:\/\/127\.0\.0\.1:9\/v1\/models: no answer .*is NIM proxy up and its URL right/],
  ['dataStoreUrl', /GET http:\/\/127\.0\.0\.1:9\/v1\/datastore\/namespaces: no answer .*is data store up/],
] as const)('a gateway says that it is ready without NeMo at its %s', async (address, reason) => {
  const { nemoUrl, nimUrl, dataStoreUrl } = await aPlatform();
  const away = { nemoUrl, nimUrl, dataStoreUrl, [address]: `http://${NOWHERE}` };
  const { call } = await aGateway({ configure: ({ services }) => Object.assign(services.nemo, away) });
  const answer = await call('GET', '/ready');
  expect(answer).toMatchObject({ status: 503, body: { detail: expect.stringMatching(reason) } });
  expect(answer.body.detail).not.toMatch(/Temporal|store does not/);
  expect(answer.headers.get('retry-after')).toBe('5');
});

test('a gateway whose parts all answer is not ready', async () => {
  const { nemoUrl, nimUrl, dataStoreUrl } = await aPlatform();
  const { call } = await aGateway({
    configure: ({ services }) => Object.assign(services.nemo, { nemoUrl, nimUrl, dataStoreUrl }),
  });
  const isReady = async () => (await call('GET', '/ready')).body;
  await expect.poll(isReady, { timeout: 30_000 }).toEqual({ status: 'ready' });
});

test('an unforeseen error is shown to the caller', async () => {
  const broken = (config: LoadedConfig) => Reflect.deleteProperty(config, 'run');
  const { call } = await aGateway({ configure: broken });
  const answer = await call('POST', '/api/jobs', JOB);
  expect([answer.status, answer.text]).toEqual([500, 'Internal Server Error']);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
});

test('a port in use is not explained', async () => {
  const { url, temporal, taskQueue, logs, runs, config, platform } = await aGateway();
  const taken = { host: '127.0.0.1', port: Number(new URL(url).port) };
  const starting = startGateway({ temporal, taskQueue, logs, runs, config, platform }, taken);
  await expect(starting).rejects.toThrow(GatewayError);
  await expect(starting).rejects.toThrow(/another program uses that port: .* set PORT/);
});
