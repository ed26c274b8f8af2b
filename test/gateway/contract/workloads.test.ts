import { describe, expect, inject, test } from 'vitest';
import type { StoreConfig } from '../../../src/config/types.js';
import { elasticsearchConfig, logRecord, runRecord, SOME_MS } from '../../support/stores.js';
import { aGateway, NO_STORE } from '../gateway-world.js';
import { completedRun } from '../job-records.js';
import { as, keyed, OPS_KEY, SHOP_KEY } from '../keyed.js';

const server = inject('elasticsearch');
const STORES: [string, (() => StoreConfig) | null][] = [
  ['DuckDB', null],
  ...('url' in server
    ? [['Elasticsearch', () => elasticsearchConfig(server.url)] satisfies [string, () => StoreConfig]]
    : []),
];

const calling = (n: number, workload_id: string, tool_calls: unknown) =>
  logRecord(n, { workload_id, response: { choices: [{ message: { role: 'assistant', tool_calls } }] } });

const CALL = { type: 'function', function: { name: 'get_order', arguments: '{}' } };

describe.each(STORES)('the workloads in %s', (_name, storeOf) => {
  const world = () => aGateway(storeOf ? { store: storeOf() } : {});

  test('are miscounted, or miss their time, their tools or their last job', async () => {
    const { call, logs, runs } = await world();
    expect((await call('GET', '/api/workloads')).text).toBe('{"workloads":[]}');
    await logs.append([
      calling(1, 'agent', [CALL, CALL]),
      calling(2, 'agent', []),
      calling(3, 'agent', null),
      calling(4, 'agent', [{ ...CALL, id: 'a', function: { name: 'refund', arguments: { id: 7 } } }]),
      logRecord(5, { workload_id: 'agent', response: 'no object' }),
      logRecord(6, { workload_id: 'chat', client_id: 'bank' }),
    ]);
    await runs.put(completedRun(1, { workloadId: 'agent' }));
    await runs.put(runRecord(2, { workloadId: 'agent', status: 'running', stage: 'building-datasets' }));
    await runs.put(completedRun(1, { workloadId: 'agent', numRecords: 7 }));
    await runs.put(completedRun(3, { workloadId: 'agent', clientId: 'bank' }));
    const { status, body } = await call('GET', '/api/workloads');
    const at = (n: number) => new Date(SOME_MS + n * 1000).toISOString().slice(0, 19);
    const last_job = {
      id: runRecord(2).runId,
      status: 'running',
      started_at: at(0),
      finished_at: null,
      stage: 'building-datasets',
    };
    expect([status, body]).toEqual([
      200,
      {
        workloads: [
          {
            workload_id: 'agent',
            client_id: 'shop',
            records: 5,
            first_at: at(1),
            last_at: at(5),
            tool_share: 0.4,
            sampled: 5,
            last_job,
          },
          {
            workload_id: 'chat',
            client_id: 'bank',
            records: 1,
            first_at: at(6),
            last_at: at(6),
            tool_share: 0,
            sampled: 1,
            last_job: null,
          },
        ],
      },
    ]);
  });

  test('are looked into further than their newest hundred records', async () => {
    const { call, logs } = await world();
    const old = Array.from({ length: 60 }, (_, n) => calling(n, 'agent', [CALL]));
    const recent = Array.from({ length: 90 }, (_, n) => calling(100 + n, 'agent', null));
    await logs.append([...recent, ...old]);
    const { body } = await call('GET', '/api/workloads');
    expect(body.workloads).toMatchObject([{ records: 150, sampled: 100, tool_share: 0.1 }]);
  });

  test('of more clients than one question asks for are not all there', async () => {
    const { call, logs, runs } = await world();
    const clients = Array.from({ length: 45 }, (_, n) => `client ${String(n).padStart(2, '0')}`);
    await logs.append(clients.map((client_id, n) => ({ ...calling(n, 'agent', [CALL]), client_id })));
    await Promise.all(
      clients.map((clientId, n) => runs.put(runRecord(n, { clientId, workloadId: 'agent' }))),
    );
    const { body } = await call('GET', '/api/workloads');
    expect(body.workloads).toHaveLength(45);
    for (const [n, workload] of body.workloads.entries())
      expect(workload).toMatchObject({
        client_id: clients[n],
        tool_share: 1,
        last_job: { id: runRecord(n).runId },
      });
  });
});

test('records that a store keeps, but no JSON reader of its own reads, hide the workloads', async () => {
  const { call, logs } = await aGateway();
  await logs.append([
    calling(1, 'agent', [CALL]),
    logRecord(2, { workload_id: 'agent', response: { choices: ['\ud800'] } }),
  ]);
  const { body } = await call('GET', '/api/workloads');
  expect(body.workloads).toMatchObject([{ records: 2, sampled: 2, tool_share: 0.5 }]);
});

test('a key shows the workloads of a client that it is not good for', async () => {
  const world = await aGateway({ configure: keyed });
  await world.logs.append([logRecord(1), logRecord(2, { client_id: 'bank' })]);
  const clientsOf = async (key: string) => {
    const { body } = await as(world, key)('GET', '/api/workloads');
    return body.workloads.map(({ client_id }: { client_id: string }) => client_id);
  };
  expect([await clientsOf(SHOP_KEY), await clientsOf(OPS_KEY)]).toEqual([['shop'], ['bank', 'shop']]);
});

test('a store that is away is no 503', async () => {
  const answer = await (await aGateway({ store: NO_STORE })).call('GET', '/api/workloads');
  expect(answer).toMatchObject({ status: 503, body: { detail: expect.stringMatching(/ELASTICSEARCH_URL/) } });
  expect(answer.headers.get('retry-after')).toBe('5');
});
