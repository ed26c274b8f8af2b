import { describe, expect, inject, test } from 'vitest';
import type { StoreConfig } from '../../../src/config/types.js';
import { elasticsearchConfig, runNumber, runRecord } from '../../support/stores.js';
import { aGateway, type GatewayWorld } from '../gateway-world.js';
import { completedRun } from '../job-records.js';

const server = inject('elasticsearch');
const STORES: [string, (() => StoreConfig) | null][] = [
  ['DuckDB', null],
  ...('url' in server
    ? [['Elasticsearch', () => elasticsearchConfig(server.url)] satisfies [string, () => StoreConfig]]
    : []),
];

/** The numbers of all pages; something may happen between two. */
async function pages({ call }: GatewayWorld, query: string, meanwhile = async (): Promise<void> => {}) {
  const found: number[][] = [];
  for (let next = ''; ;) {
    const { status, body } = await call('GET', `/api/jobs?${query}${next}`);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['jobs', 'next_cursor']);
    found.push(body.jobs.map(runNumber));
    if (body.next_cursor === null) return found;
    next = `&cursor=${body.next_cursor}`;
    await meanwhile();
  }
}

describe.each(STORES)('the list of jobs in %s', (_name, storeOf) => {
  const world = () => aGateway(storeOf ? { store: storeOf() } : {});

  test('ignores a filter, or puts an older job first', async () => {
    const gateway = await world();
    expect(await gateway.call('GET', '/api/jobs?limit=3')).toMatchObject({
      body: { jobs: [], next_cursor: null },
    });
    await gateway.runs.put(completedRun(1));
    await gateway.runs.put(runRecord(2, { workloadId: 'a/b &=' }));
    await gateway.runs.put(completedRun(3, { clientId: '' }));
    await gateway.runs.put(runRecord(4));
    expect(await pages(gateway, 'status=completed')).toEqual([[3, 1]]);
    expect(await pages(gateway, 'status=completed&client_id=shop')).toEqual([[1]]);
    expect(await pages(gateway, `workload_id=${encodeURIComponent('a/b &=')}`)).toEqual([[2]]);
    expect(await pages(gateway, 'client_id=')).toEqual([[3]]);
    expect(await pages(gateway, 'status=cancelled')).toEqual([[]]);
    expect(await pages(gateway, 'limit=3')).toEqual([[4, 3, 2], [1]]);
    expect((await gateway.call('GET', '/api/jobs?other=1')).body.jobs.map(runNumber)).toEqual([1, 2, 3, 4]);
  });

  test('shows a job twice, or not at all, where others are submitted between two pages', async () => {
    const gateway = await world();
    for (const n of [1, 2, 3, 4, 5]) await gateway.runs.put(runRecord(n));
    let last = 5;
    const submit = async () => {
      await gateway.runs.put(runRecord(++last));
      await gateway.runs.put(runRecord(1, { status: 'running' }));
    };
    expect(await pages(gateway, 'client_id=shop&limit=2', submit)).toEqual([[5, 4], [3, 2], [1]]);
    expect((await pages(gateway, 'limit=100')).flat()).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });
});
