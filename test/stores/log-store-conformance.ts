import { expect, test } from 'vitest';
import type { LogRecord, LogStore } from '../../src/stores/log-store.js';
import { exported, logRecord, SOME_MS } from '../support/stores.js';

/** What every log store promises; `fresh` gives an empty one. */
export function logStoreConformance(fresh: () => Promise<LogStore>): void {
  test('a record comes back without an unknown field, or with its keys in another order', async () => {
    const logs = await fresh();
    const record = logRecord(1, { session_id: 's1', contract_version: '1.0', error_details: null });
    expect(await logs.append([record])).toEqual({ appended: 1, duplicates: 0, errors: [] });
    const [stored] = await exported(logs);
    expect(JSON.stringify(stored?.record)).toBe(JSON.stringify(record));
    expect(stored?.id).toMatch(/^[0-9a-f]{32}$/);
  });

  test('a record as MongoDB exports it is refused for its `_id`, or kept twice for two of them', async () => {
    const logs = await fresh();
    const records = ['a', 'b'].map(($oid) => ({ _id: { $oid }, ...logRecord(1) }));
    expect(await logs.append(records)).toEqual({ appended: 1, duplicates: 1, errors: [] });
    expect((await exported(logs))[0]?.record).toEqual(logRecord(1));
  });

  test('a record whose request or response is no object is not kept for the datasets to judge', async () => {
    const logs = await fresh();
    const { appended } = await logs.append([logRecord(1, { request: 'text', response: [1, { a: 2 }] })]);
    expect(appended).toBe(1);
    expect((await exported(logs))[0]?.record).toMatchObject({ request: 'text', response: [1, { a: 2 }] });
  });

  test('of 2,000 records one is not exported, or twice', async () => {
    const logs = await fresh();
    // Seven records share each second, and they arrive in another order.
    const records = Array.from({ length: 2000 }, (_, n) => {
      const k = (n * 1213) % 2000;
      return logRecord(k, { timestamp: SOME_MS + Math.floor(k / 7) * 1000 });
    });
    expect(await logs.append(records)).toEqual({ appended: 2000, duplicates: 0, errors: [] });
    const all = await exported(logs);
    const sorted = (some: LogRecord[]) => some.map((record) => JSON.stringify(record)).sort();
    expect(sorted(all.map(({ record }) => record))).toEqual(sorted(records));
    expect(new Set(all.map(({ id }) => id)).size).toBe(2000);
  });

  test('of 2,700 records, most of one instant, one is not exported, or twice', async () => {
    const logs = await fresh();
    const at = (n: number) => (n < 2500 ? SOME_MS : SOME_MS + n - 2600);
    await logs.append(Array.from({ length: 2700 }, (_, n) => logRecord(n, { timestamp: at(n) })));
    const all = await exported(logs);
    expect(all).toHaveLength(2700);
    expect(new Set(all.map(({ id }) => id)).size).toBe(2700);
  });

  test('letters beyond ASCII come back broken, or a record that looks like the end of an answer', async () => {
    const logs = await fresh();
    const records = [
      logRecord(1, { request: 'Grüße, 世界 🌍' }),
      logRecord(2, { request: '"sort":[1],"matched_queries":["x"]}', response: { _source: { sort: [1] } } }),
    ];
    await logs.append(records);
    expect((await exported(logs)).map(({ record }) => record)).toEqual(records);
  });

  test('seconds, milliseconds and ISO texts of one append are not all kept as milliseconds', async () => {
    const logs = await fresh();
    await logs.append([
      logRecord(1, { timestamp: 1_700_000_002 }),
      logRecord(2, { timestamp: 1_700_000_001_500 }),
      logRecord(3, { timestamp: '2023-11-14T22:13:23+00:00' }),
      logRecord(4, { timestamp: '2023-11-14T22:13:21' }),
    ]);
    const times = (await exported(logs)).map(({ record }) => Number(record.timestamp) - SOME_MS);
    expect(times).toEqual([1000, 1500, 2000, 3000]);
    expect(await logs.workloads()).toMatchObject([{ firstAt: SOME_MS + 1000, lastAt: SOME_MS + 3000 }]);
    const query = { workloadId: 'checkout', clientId: 'shop', since: SOME_MS + 1500 };
    expect(await logs.count(query)).toEqual({ all: 4, since: 2 });
    const microseconds = logRecord(5, { timestamp: 1_700_000_004_000_000 });
    expect(await logs.append([microseconds])).toMatchObject({ appended: 0, errors: [{ index: 0 }] });
  });

  test('the same record is kept twice, since its keys are in another order or another append brings it', async () => {
    const logs = await fresh();
    const record = logRecord(1);
    const turned = Object.fromEntries(Object.entries(record).reverse());
    expect(await logs.append([record, turned, logRecord(2)])).toMatchObject({ appended: 2, duplicates: 1 });
    expect(await logs.append([turned, logRecord(3)])).toMatchObject({ appended: 1, duplicates: 1 });
    expect(await exported(logs)).toHaveLength(3);
  });

  test('what cannot be kept is not named by its place and reason, or the rest is not kept', async () => {
    const logs = await fresh();
    const deep = JSON.parse(`${'['.repeat(200)}${']'.repeat(200)}`) as unknown;
    const { appended, errors } = await logs.append([
      null,
      logRecord(1),
      logRecord(2, { workload_id: '' }),
      { ...logRecord(3), client_id: 7 },
      logRecord(4, { timestamp: 'yesterday' }),
      logRecord(5, { response: undefined }),
      logRecord(6, { request: deep }),
      logRecord(7, { request: 'x'.repeat(10_000_000) }),
      logRecord(8, { workload_id: 'w'.repeat(300) }),
    ]);
    expect(appended).toBe(1);
    const expected = [
      'object',
      'workload_id',
      'client_id',
      'timestamp',
      'response',
      'deeper',
      'MB',
      'workload',
    ];
    expect(errors.map(({ index }) => index)).toEqual([0, 2, 3, 4, 5, 6, 7, 8]);
    for (const [at, word] of expected.entries()) expect(errors[at]?.reason).toContain(word);
  });

  test('the records of another workload or client are exported', async () => {
    const logs = await fresh();
    await logs.append([
      logRecord(1),
      logRecord(2, { workload_id: '<workflow>' }),
      logRecord(3, { workload_id: 'Checkout' }),
      logRecord(4, { client_id: 'shop two' }),
    ]);
    expect(await exported(logs)).toHaveLength(1);
    expect(await exported(logs, { workloadId: '<workflow>' })).toHaveLength(1);
    expect(await exported(logs, { clientId: 'shop two' })).toHaveLength(1);
    expect(await exported(logs, { workloadId: 'check' })).toEqual([]);
  });

  test('workloads are not listed, or with wrong counts or time spans', async () => {
    const logs = await fresh();
    expect(await logs.workloads()).toEqual([]);
    await logs.append([logRecord(1), logRecord(5), logRecord(3), logRecord(2, { workload_id: 'browse' })]);
    const span = (first: number, last: number) => ({
      firstAt: SOME_MS + first * 1000,
      lastAt: SOME_MS + last * 1000,
    });
    expect(await logs.workloads()).toEqual([
      { workloadId: 'browse', clientId: 'shop', records: 1, ...span(2, 2) },
      { workloadId: 'checkout', clientId: 'shop', records: 3, ...span(1, 5) },
    ]);
  });

  test('of a client that is not asked for, a workload is listed or looked into', async () => {
    const logs = await fresh();
    const clients = ['bank', 'shop', 'shop two'];
    await logs.append(clients.map((client_id, n) => logRecord(n, { client_id })));
    const asked = async (clientIds: string[]) => {
      const found = await Promise.all([logs.workloads({ clientIds }), logs.toolUse({ clientIds })]);
      return found.map((workloads) => workloads.map(({ clientId }) => clientId).sort());
    };
    expect(await asked(['shop'])).toEqual([['shop'], ['shop']]);
    const two = ['bank', 'shop two'];
    expect(await asked(['shop two', 'nobody', 'bank'])).toEqual([two, two]);
    expect(await asked(["shop' OR true --", 'Shop'])).toEqual([[], []]);
    expect(await asked([])).toEqual([[], []]);
    expect(await logs.toolUse()).toHaveLength(3);
  });

  test('records are counted that are of another workload, or not later than asked for', async () => {
    const logs = await fresh();
    const names = { workloadId: 'checkout', clientId: 'shop' };
    expect(await logs.count({ ...names, since: 0 })).toEqual({ all: 0, since: 0 });
    const others = [logRecord(9, { workload_id: 'browse' }), logRecord(9, { client_id: 'other' })];
    await logs.append([logRecord(1), logRecord(2), logRecord(3), logRecord(4), ...others]);
    expect(await logs.count({ ...names, since: SOME_MS + 2000 })).toEqual({ all: 4, since: 2 });
    expect(await logs.count({ ...names, since: 0 })).toEqual({ all: 4, since: 4 });
    expect(await logs.count({ ...names, since: SOME_MS + 1e9 })).toEqual({ all: 4, since: 0 });
  });

  test('an export shows what is appended meanwhile', async () => {
    const logs = await fresh();
    await logs.append(Array.from({ length: 1500 }, (_, n) => logRecord(n)));
    const seen: string[] = [];
    for await (const page of logs.export({ workloadId: 'checkout', clientId: 'shop' })) {
      if (seen.length === 0) await logs.append([logRecord(-1), logRecord(5000)]);
      seen.push(...page.ids);
    }
    expect(seen).toHaveLength(1500);
    expect(await exported(logs)).toHaveLength(1502);
  });

  test('a deletion takes more than the older records of its workload, counts wrongly, or takes them twice', async () => {
    const logs = await fresh();
    const query = { workloadId: 'checkout', clientId: 'shop', before: SOME_MS + 3000 };
    expect([await logs.countBefore(query), await logs.deleteBefore(query)]).toEqual([0, 0]);
    const others = [
      logRecord(1, { client_id: 'bank' }),
      logRecord(1, { workload_id: 'Checkout' }),
      logRecord(1, { workload_id: 'checkout ' }),
    ];
    await logs.append([...[0, 1, 2, 3, 4].map((n) => logRecord(n)), ...others]);
    expect(await logs.countBefore(query)).toBe(3);
    expect(await logs.deleteBefore(query)).toBe(3);
    expect([await logs.countBefore(query), await logs.deleteBefore(query)]).toEqual([0, 0]);
    expect((await exported(logs)).map(({ record }) => record)).toEqual([logRecord(3), logRecord(4)]);
    const left = await logs.workloads();
    expect(left.reduce((sum, { records }) => sum + records, 0)).toBe(5);

    expect(await logs.append([logRecord(1)])).toMatchObject({ appended: 1, duplicates: 0 });
    const all = { ...query, before: null };
    expect([await logs.countBefore(all), await logs.deleteBefore(all)]).toEqual([3, 3]);
    expect(await exported(logs)).toEqual([]);
  });

  test('of 12,000 old records a deletion leaves some, or takes one of another client', async () => {
    const logs = await fresh();
    await logs.append(
      Array.from({ length: 12_000 }, (_, n) => logRecord(n, { client_id: n % 6 ? 'shop' : 'bank' })),
    );
    const query = { workloadId: 'checkout', clientId: 'shop', before: SOME_MS + 11_000_000 };
    expect(await logs.countBefore(query)).toBe(9_166);
    expect(await logs.deleteBefore(query)).toBe(9_166);
    expect(await exported(logs)).toHaveLength(834);
    expect(await exported(logs, { clientId: 'bank' })).toHaveLength(2_000);
  });

  test('an export does not have all that was there when it began, because some of it is deleted meanwhile', async () => {
    const logs = await fresh();
    await logs.append(Array.from({ length: 1500 }, (_, n) => logRecord(n)));
    const seen: string[] = [];
    let deleting: Promise<number> | undefined;
    for await (const page of logs.export({ workloadId: 'checkout', clientId: 'shop' })) {
      deleting ??= logs.deleteBefore({ workloadId: 'checkout', clientId: 'shop', before: null });
      seen.push(...page.ids);
    }
    expect(seen).toHaveLength(1500);
    expect(await deleting).toBe(1500);
    expect(await exported(logs)).toEqual([]);
  });

  test('an aborted export goes on, or ends without the reason of the abort', async () => {
    const logs = await fresh();
    await logs.append(Array.from({ length: 10 }, (_, n) => logRecord(n)));
    const abort = new AbortController();
    const read = async () => {
      const query = { workloadId: 'checkout', clientId: 'shop', signal: abort.signal };
      for await (const { ids } of logs.export(query)) abort.abort(new Error(`cancelled at ${ids[0]}`));
    };
    await expect(read()).rejects.toThrow(/^cancelled at /);
  });

  test('the same records appended by five writers at once are kept twice', async () => {
    const logs = await fresh();
    const records = Array.from({ length: 50 }, (_, n) => logRecord(n));
    const results = await Promise.all(Array.from({ length: 5 }, () => logs.append(records)));
    expect(results.reduce((sum, { appended }) => sum + appended, 0)).toBe(50);
    expect(await exported(logs)).toHaveLength(50);
  });

  test('a store that answers does not say so', async () => {
    await expect((await fresh()).ping()).resolves.toBeUndefined();
  });
}
