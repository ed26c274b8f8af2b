import { Client } from '@elastic/elasticsearch';
import { afterAll, afterEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { Logger } from '../../src/logger.js';
import { openStores, type Stores } from '../../src/stores/index.js';
import { aLog } from '../support/a-log.js';
import { Gate } from '../support/gate.js';
import {
  BLUEPRINT_MAPPING,
  elasticsearchConfig,
  exported,
  logRecord,
  runRecord,
  SOME_MS,
} from '../support/stores.js';
import { logStoreConformance } from './log-store-conformance.js';
import { runStoreConformance } from './run-store-conformance.js';

const server = inject('elasticsearch');
const url = 'url' in server ? server.url : 'http://127.0.0.1:9';
const suite = 'url' in server ? 'Elasticsearch' : `Elasticsearch (skipped: ${server.skipped})`;

describe.skipIf('skipped' in server)(suite, () => {
  const client = new Client({ node: url });
  const opened: { stores: Stores; indices: string[] }[] = [];

  async function open(
    at = url,
    logger: Logger = aLog().logger,
  ): Promise<{ stores: Stores; index: string; runIndex: string }> {
    const config = elasticsearchConfig(at);
    const stores = await openStores(config, logger);
    opened.push({ stores, indices: [config.logIndex, config.runIndex] });
    return { stores, index: config.logIndex, runIndex: config.runIndex };
  }

  afterEach(async () => {
    for (const { stores, indices } of opened.splice(0)) {
      await stores.close();
      await client.indices.delete({ index: indices, ignore_unavailable: true });
    }
  });
  afterAll(() => client.close());

  const write = (index: string, document: object) => client.index({ index, document, refresh: true });

  /** A way to the server for a user who may do everything but that. */
  async function refusing(refused: RegExp): Promise<string> {
    const gate = new Gate();
    const error = { type: 'security_exception', reason: 'action is unauthorized' };
    gate.refuse(refused, 403, { error, status: 403 });
    const before = await gate.before(url);
    onTestFinished(before.close);
    return before.url;
  }

  describe('log records', () => logStoreConformance(async () => (await open()).stores.logs));
  describe('runs', () => runStoreConformance(async () => (await open()).stores.runs));

  test('records of an index that counts in seconds are not counted, or wrongly', async () => {
    const { stores, index } = await open();
    for (const n of [1, 2, 3]) await write(index, logRecord(n, { timestamp: SOME_MS / 1000 + n }));
    const query = { workloadId: 'checkout', clientId: 'shop', since: SOME_MS + 1000 };
    expect(await stores.logs.count(query)).toEqual({ all: 3, since: 2 });
  });

  test('in an index of mixed units a span or count takes seconds, or what is no time, for milliseconds', async () => {
    const { stores, index } = await open();
    await stores.logs.ping();
    const times = [
      SOME_MS + 1000,
      SOME_MS / 1000 + 2,
      new Date(SOME_MS + 3000).toISOString(),
      SOME_MS * 1000 + 4_000_000,
    ];
    for (const [n, timestamp] of times.entries()) await write(index, logRecord(n, { timestamp }));
    await write(index, logRecord(9, { workload_id: 'browse', timestamp: SOME_MS * 1000 }));
    expect(await stores.logs.workloads()).toEqual([
      { workloadId: 'browse', clientId: 'shop', records: 1, firstAt: 0, lastAt: 0 },
      {
        ...{ workloadId: 'checkout', clientId: 'shop', records: 4 },
        ...{ firstAt: SOME_MS + 1000, lastAt: SOME_MS + 3000 },
      },
    ]);
    const since = (ms: number) => ({ workloadId: 'checkout', clientId: 'shop', since: SOME_MS + ms });
    expect(await stores.logs.count(since(0))).toEqual({ all: 4, since: 3 });
    expect(await stores.logs.count(since(1500))).toEqual({ all: 4, since: 2 });
  });

  test('a span of an index with seconds first or last is that of the milliseconds alone', async () => {
    const { stores, index } = await open();
    const times = [SOME_MS + 2000, SOME_MS / 1000 + 1, SOME_MS / 1000 + 3];
    for (const [n, timestamp] of times.entries()) await write(index, logRecord(n, { timestamp }));
    const span = { firstAt: SOME_MS + 1000, lastAt: SOME_MS + 3000 };
    expect(await stores.logs.workloads()).toMatchObject([span]);
  });

  test('records of an index that counts in seconds are deleted too early, or never', async () => {
    const { stores, index } = await open();
    for (const n of [1, 2, 3]) await write(index, logRecord(n, { timestamp: SOME_MS / 1000 + n }));
    const query = { workloadId: 'checkout', clientId: 'shop', before: SOME_MS + 2500 };
    expect([await stores.logs.countBefore(query), await stores.logs.deleteBefore(query)]).toEqual([2, 2]);
    expect((await exported(stores.logs)).map(({ record }) => record.timestamp)).toEqual([SOME_MS / 1000 + 3]);
  });

  test('each step of a run has Elasticsearch refresh its index, or a list does not have what was just written', async () => {
    const gate = new Gate();
    const before = await gate.before(url);
    onTestFinished(before.close);
    const { stores } = await open(before.url);
    for (const status of ['pending', 'running', 'completed'] as const)
      await stores.runs.put(runRecord(1, { status }));
    expect(gate.requests.filter((line) => /refresh/.test(line))).toEqual([]);
    expect((await stores.runs.list()).runs).toMatchObject([{ status: 'completed' }]);
    expect(await stores.runs.countByStatus()).toEqual({ completed: 1 });
  });

  test('who may write and read but not refresh an index has no list of jobs', async () => {
    const { stores } = await open(await refusing(/_refresh/));
    await stores.runs.put(runRecord(1));
    await client.indices.refresh();
    expect((await stores.runs.list()).runs).toHaveLength(1);
  });

  test('records that NAT wrote into an index it made itself are not found, or by a part of their names', async () => {
    const { stores, index } = await open();
    for (const [n, workload_id] of ['<workflow>', '<workflow>', 'workflow', 'my workflow'].entries()) {
      const nat = { contract_version: '1.0', error_details: null, timestamp: 1_700_000_000 + n };
      await write(index, logRecord(n, { ...nat, workload_id }));
    }
    const found = await exported(stores.logs, { workloadId: '<workflow>' });
    expect(found.map(({ record }) => record.timestamp)).toEqual([1_700_000_000, 1_700_000_001]);
    const listed = await stores.logs.workloads();
    expect(listed.map(({ workloadId }) => workloadId)).toEqual(['<workflow>', 'my workflow', 'workflow']);
    expect(listed[0]).toMatchObject({ records: 2, firstAt: SOME_MS, lastAt: SOME_MS + 1000 });
    expect(await stores.logs.append([logRecord(9, { workload_id: '<workflow>' })])).toMatchObject({
      appended: 1,
    });
    expect(await exported(stores.logs, { workloadId: '<workflow>' })).toHaveLength(3);
  });

  test('an index that cannot select whole names is read, or refused without what to do', async () => {
    const { stores, index } = await open();
    await client.indices.create({ index, mappings: { properties: { workload_id: { type: 'text' } } } });
    await expect(stores.logs.ping()).rejects.toThrow(/"workload_id".*not mapped as a keyword.*_reindex/);
    await expect(exported(stores.logs)).rejects.toMatchObject({ name: 'StoreError', retryable: false });
  });

  test('an index that someone made without a mapping guesses one', async () => {
    const { stores, index } = await open();
    await client.indices.create({ index });
    await stores.logs.append([logRecord(1)]);
    const mapping = await client.indices.getMapping({ index });
    expect(mapping[index]?.mappings.properties?.['workload_id']).toEqual({ type: 'keyword' });
    expect(await exported(stores.logs)).toHaveLength(1);
  });

  test("records with further fields are lost in the blueprint's strict index, ours or an exporter's", async () => {
    const { logger, lines } = aLog();
    const { stores, index } = await open(url, logger);
    await client.indices.create({ index, mappings: BLUEPRINT_MAPPING });
    await stores.logs.ping();
    await write(index, logRecord(1, { contract_version: '1.0', error_details: null }));
    const result = await stores.logs.append([logRecord(2), logRecord(3, { session_id: 's' })]);
    expect(result).toEqual({ appended: 2, duplicates: 0, errors: [] });
    expect(await exported(stores.logs)).toHaveLength(3);
    const { [index]: now } = await client.indices.getMapping({ index });
    expect(now?.mappings).toEqual({ ...BLUEPRINT_MAPPING, dynamic: 'false' });
    expect(lines()).toMatchObject([{ level: 40, msg: expect.stringMatching(`"${index}".*dynamic: false`) }]);
  });

  test('an index behind an alias stays strict, or one is changed that is not', async () => {
    const { stores, index } = await open(url, aLog().logger);
    const [strict, loose] = [`${index}-strict`, `${index}-open`];
    // By its alias none can be deleted.
    opened.at(-1)?.indices.splice(0, 1, strict, loose);
    const { properties } = BLUEPRINT_MAPPING;
    const aliases = { [index]: {} };
    await client.indices.create({ index: strict, mappings: BLUEPRINT_MAPPING, aliases });
    await client.indices.create({ index: loose, mappings: { dynamic: true, properties }, aliases });
    await stores.logs.ping();
    const found = await client.indices.getMapping({ index });
    expect([found[strict]?.mappings.dynamic, found[loose]?.mappings.dynamic]).toEqual(['false', 'true']);
  });

  test('a strict index that may not be changed cannot be read, or nobody hears that it loses records', async () => {
    const { logger, lines } = aLog();
    const { stores, index } = await open(await refusing(/^PUT .*\/_mapping$/), logger);
    await client.indices.create({ index, mappings: BLUEPRINT_MAPPING });
    await stores.logs.ping();
    const result = await stores.logs.append([logRecord(1), logRecord(2, { session_id: 's' })]);
    expect(result).toMatchObject({ appended: 1, errors: [{ index: 1 }] });
    expect(result.errors[0]?.reason).toMatch(/session_id.*"dynamic": false/);
    expect(await exported(stores.logs)).toHaveLength(1);
    expect(lines()).toMatchObject([
      {
        level: 40,
        msg: expect.stringMatching(/could not be changed: .*unauthorized.* PUT .*"dynamic": false/),
      },
    ]);
  });

  test('records without a readable time are not exported', async () => {
    const { stores, index } = await open();
    await stores.logs.append([logRecord(1)]);
    const timeless = logRecord(2, { timestamp: undefined });
    for (const document of [timeless, logRecord(3, { timestamp: 'soon' })]) await write(index, document);
    const times = (await exported(stores.logs)).map(({ record }) => String(record.timestamp));
    expect(times.toSorted()).toEqual([String(SOME_MS + 1000), 'soon', 'undefined']);
  });

  test('records of 2 MB each are not exported, since their page does not fit into memory', async () => {
    const { stores } = await open();
    const large = (n: number) => logRecord(n, { request: `${n} ${'x'.repeat(2_000_000)}` });
    for (let n = 0; n < 24; n++) await stores.logs.append([large(n)]);
    expect(await exported(stores.logs)).toHaveLength(24);
  });

  test('of 1,000 short records and 20 of 2 MB, all of one instant, one is not exported, or twice', async () => {
    const { stores } = await open();
    const tied = (n: number, request: unknown) => logRecord(n, { timestamp: SOME_MS, request });
    await stores.logs.append(Array.from({ length: 1000 }, (_, n) => tied(n, 'short')));
    for (let n = 1000; n < 1020; n++) await stores.logs.append([tied(n, `${n} ${'x'.repeat(2_000_000)}`)]);
    const ids = (await exported(stores.logs)).map(({ id }) => id);
    expect(ids).toHaveLength(1020);
    expect(new Set(ids).size).toBe(1020);
  });

  test('an export leaves a point in time open, read to its end or not', async () => {
    const { stores, index } = await open();
    await stores.logs.append(Array.from({ length: 5 }, (_, n) => logRecord(n)));
    await exported(stores.logs);
    for await (const page of stores.logs.export({ workloadId: 'checkout', clientId: 'shop' })) {
      expect(page.ids.length).toBeGreaterThan(0);
      break;
    }
    const stats = await client.indices.stats({ index, metric: 'search' });
    expect(stats._all.total?.search).toMatchObject({ open_contexts: 0 });
  });

  test('of runs that two processes put at the same microsecond a page repeats or misses one', async () => {
    const { stores, runIndex } = await open();
    await stores.runs.ping();
    for (const n of [3, 1, 5, 2, 4]) {
      const run = runRecord(n);
      const { runId: run_id, status, workloadId: workload_id, clientId: client_id } = run;
      await write(runIndex, { sequence: 7, run_id, status, workload_id, client_id, run });
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const from = cursor === '' ? {} : { cursor };
      const page = await stores.runs.list({ limit: 2, order: 'newest-first', ...from });
      seen.push(...page.runs.map((run) => run.runId));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual([5, 4, 3, 2, 1].map((n) => runRecord(n).runId));
  });

  test('an index deleted while we run is not made again, or otherwise than it should be', async () => {
    const { stores, index, runIndex } = await open();
    await stores.logs.append([logRecord(1)]);
    await stores.runs.put(runRecord(1));
    await client.indices.delete({ index: [index, runIndex] });
    expect(await exported(stores.logs)).toEqual([]);
    expect(await stores.runs.get(runRecord(1).runId)).toBeNull();
    await stores.logs.append([logRecord(2)]);
    await stores.runs.put(runRecord(2));
    expect(await exported(stores.logs)).toHaveLength(1);
    expect((await stores.runs.list({ status: 'pending' })).runs).toHaveLength(1);
  });
});

test('an Elasticsearch that is not there is named without its address, or with its password', async () => {
  const stores = await openStores(elasticsearchConfig('http://elastic:hunter2@127.0.0.1:9'));
  const failure: unknown = await stores.logs.ping().catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'StoreError', retryable: true });
  expect(String(failure)).toMatch(/http:\/\/127\.0\.0\.1:9 cannot be reached .*ELASTICSEARCH_URL/);
  expect(JSON.stringify(failure) + String(failure)).not.toContain('hunter2');
  await stores.close();
});

test('an address that is none is not refused when the stores are opened', async () => {
  await expect(openStores(elasticsearchConfig('elasticsearch'))).rejects.toThrow(
    /ELASTICSEARCH_URL is no URL/,
  );
});
