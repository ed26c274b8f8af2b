import { Client } from '@elastic/elasticsearch';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { aFreezableWay } from '../support/freezable-way.js';
import { IN_TIME } from '../support/observe.js';
import { elasticsearchConfig, logRecord, runRecord } from '../support/stores.js';
import { aGateway, JOB } from './gateway-world.js';

const server = inject('elasticsearch');
const suite = 'url' in server ? 'an Elasticsearch' : `an Elasticsearch (skipped: ${server.skipped})`;

const AT = '2026-01-05T10:00:00.000Z';

describe.skipIf('skipped' in server)(`${suite} that takes requests and answers none`, () => {
  async function aFreezableGateway() {
    const { url } = 'url' in server ? server : { url: '' };
    const way = await aFreezableWay(url);
    const store = elasticsearchConfig(url);
    const client = new Client({ node: url });
    onTestFinished(async () => {
      await client.indices.delete({ index: [store.logIndex, store.runIndex], ignore_unavailable: true });
      await client.close();
    });
    return { ...(await aGateway({ store: { ...store, url: way.url } })), freeze: way.freeze };
  }

  test('hides an open job that was read before', async () => {
    const { call, runs, freeze } = await aFreezableGateway();
    const run = runRecord(Date.now(), { status: 'running', stage: 'trying-candidates' });
    await runs.put(run);
    const path = `/api/jobs/${run.runId}`;
    await expect.poll(async () => (await call('GET', path)).body.warnings, IN_TIME).toHaveLength(1);
    freeze();
    const stale = async () => {
      const { status, body } = await call('GET', path);
      return { status, job: body.status, age: body.stale_seconds };
    };
    await expect.poll(stale, IN_TIME).toEqual({ status: 200, job: 'running', age: expect.any(Number) });
  });

  test('hides a closed job that was read before', async () => {
    const { call, runs, freeze } = await aFreezableGateway();
    const run = runRecord(Date.now(), { status: 'completed', stage: 'finished', finishedAt: AT });
    await runs.put(run);
    const path = `/api/jobs/${run.runId}`;
    const { body } = await call('GET', path);
    expect(body).toMatchObject({ status: 'completed' });
    expect(body).not.toHaveProperty('stale_seconds');
    freeze();
    const stale = { ...body, stale_seconds: expect.any(Number) };
    await expect.poll(() => call('GET', path), IN_TIME).toMatchObject({ status: 200, body: stale });
  });

  test('is waited for without end', async () => {
    const { call, runs, freeze } = await aFreezableGateway();
    const { runId } = runRecord(1);
    await runs.put(runRecord(1));
    freeze();
    const answers = await Promise.all([
      call('GET', '/api/jobs'),
      call('GET', `/api/jobs/${runId}`),
      call('POST', '/api/jobs', JOB),
      call('POST', `/api/jobs/${runId}/cancel`),
      call('DELETE', `/api/jobs/${runId}`),
      call('POST', '/api/logs', logRecord(1)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503, 503]);
    expect(answers[0]).toMatchObject({ body: { detail: expect.stringMatching(/Elasticsearch at http/) } });
    expect(answers[0].headers.get('retry-after')).toBe('5');
  }, 30_000);
});
