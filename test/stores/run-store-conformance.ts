import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunRecord } from '../../src/run-record.js';
import type { RunStore } from '../../src/stores/run-store.js';
import { completedRun } from '../gateway/job-records.js';
import { runRecord } from '../support/stores.js';

const id = (n: number): string => runRecord(n).runId;

/** What every run store promises; `fresh` gives an empty one. */
export function runStoreConformance(fresh: () => Promise<RunStore>): void {
  const filled = async (...numbers: number[]): Promise<RunStore> => {
    const runs = await fresh();
    for (const n of numbers) await runs.put(runRecord(n));
    return runs;
  };

  test('a run comes back otherwise than it was put, or a later put leaves some of the earlier', async () => {
    const runs = await fresh();
    await runs.put(
      runRecord(1, { judge: { model: 'j', type: 'local', deploymentStatus: 'ready', error: null } }),
    );
    const replaced = runRecord(1, { status: 'completed', warnings: ['<b>"quoted"</b> ü'] });
    await runs.put(replaced);
    expect(await runs.get(id(1))).toEqual(replaced);
    expect(await runs.get(id(2))).toBeNull();
  });

  test('a run is created twice', async () => {
    const runs = await fresh();
    expect(await runs.create(runRecord(1))).toBe(true);
    expect(await runs.create(runRecord(1, { status: 'failed' }))).toBe(false);
    expect((await runs.get(id(1)))?.status).toBe('pending');
  });

  test('of twenty that create one run at once, none does, or two', async () => {
    const runs = await fresh();
    const created = await Promise.all(Array.from({ length: 20 }, () => runs.create(runRecord(1))));
    expect(created.filter(Boolean)).toHaveLength(1);
  });

  test('a run is not replaced where it is, or brought back where it is not', async () => {
    const runs = await filled(1, 2);
    expect(await runs.replace(runRecord(1, { status: 'failed' }))).toBe(true);
    expect((await runs.list()).runs.map(({ status }) => status)).toEqual(['failed', 'pending']);
    await runs.delete(id(1));
    expect(await runs.replace(runRecord(1))).toBe(false);
    expect(await runs.get(id(1))).toBeNull();
    expect(await (await fresh()).replace(runRecord(1))).toBe(false);
  });

  test('a record is replaced that may not be, or another than the one that is asked about', async () => {
    const runs = await filled(1);
    const asked: unknown[] = [];
    const may = (is: boolean) => (stored: RunRecord) => {
      asked.push(stored.status);
      return is;
    };
    expect(await runs.put(runRecord(1, { status: 'failed' }), may(false))).toBe('kept');
    expect(await runs.replace(runRecord(1, { status: 'failed' }), may(false))).toBe(false);
    expect(await runs.get(id(1))).toEqual(runRecord(1));
    expect(await runs.put(runRecord(1, { status: 'running' }), may(true))).toBe('replaced');
    expect(await runs.replace(runRecord(1, { status: 'completed' }), may(true))).toBe(true);
    expect((await runs.get(id(1)))?.status).toBe('completed');
    expect(asked).toEqual(['pending', 'pending', 'pending', 'running']);
    expect(await runs.put(runRecord(2), may(false))).toBe('inserted');
    expect(await runs.replace(runRecord(3), may(true))).toBe(false);
    expect(asked).toHaveLength(4);
  });

  test('of twenty that put a newer record only, one takes a newer one back that came meanwhile', async () => {
    const runs = await fresh();
    const newer = (n: number) => runs.put(runRecord(1, { numRecords: n }), (stored) => stored.numRecords < n);
    await Promise.all(Array.from({ length: 20 }, (_, n) => newer((n * 7) % 20)));
    expect((await runs.get(id(1)))?.numRecords).toBe(19);
  });

  test('a run that twenty replace while it is deleted comes back', async () => {
    const runs = await filled(1);
    const replacing = Array.from({ length: 20 }, (_, n) => runs.replace(runRecord(1, { numRecords: n })));
    await Promise.all([...replacing, runs.delete(id(1))]);
    expect(await runs.get(id(1))).toBeNull();
  });

  test('runs are listed in another order than they were put first, or not the newest first', async () => {
    const runs = await filled(9, 1, 5);
    await runs.put(runRecord(9, { status: 'completed' }));
    expect((await runs.list()).runs.map((run) => run.runId)).toEqual([id(9), id(1), id(5)]);
    const newest = await runs.list({ order: 'newest-first' });
    expect(newest.runs.map((run) => run.runId)).toEqual([id(5), id(1), id(9)]);
    expect(newest.nextCursor).toBeNull();
  });

  test('an empty store lists something', async () => {
    expect(await (await fresh()).list()).toEqual({ runs: [], nextCursor: null });
  });

  test('a filter by status, workload and client lets another run through', async () => {
    const runs = await fresh();
    await runs.put(runRecord(1, { status: 'completed' }));
    await runs.put(runRecord(2, { workloadId: 'browse' }));
    await runs.put(runRecord(3, { clientId: 'bank' }));
    const found = async (filter: Parameters<RunStore['list']>[0]) =>
      (await runs.list(filter)).runs.map((run) => run.runId);
    expect(await found({ status: 'completed' })).toEqual([id(1)]);
    expect(await found({ workloadId: 'browse' })).toEqual([id(2)]);
    expect(await found({ clientId: 'bank', status: 'pending' })).toEqual([id(3)]);
    expect(await found({ clientId: 'bank', status: 'failed' })).toEqual([]);
    expect(await found({ clientIds: ['bank', "shop' OR true"] })).toEqual([id(3)]);
    expect(await found({ clientIds: ['bank', 'shop'], workloadId: 'checkout' })).toEqual([id(1), id(3)]);
    expect(await found({ clientIds: ['bank'], clientId: 'shop' })).toEqual([]);
    expect(await found({ clientIds: [] })).toEqual([]);
  });

  test('a listed run lacks what lists show, or has what they do not', async () => {
    const runs = await fresh();
    const whole = completedRun(1, {
      installation: 'here',
      comparison: null,
      warnings: ['<b>"quoted"</b> ü'],
    });
    await runs.put(whole);
    const { candidates, comparison, config, funnel, ...rest } = whole;
    expect([candidates, comparison, config, funnel]).not.toContain(undefined);
    expect((await runs.list()).runs).toEqual([rest]);
    expect(await runs.lastRuns()).toEqual([rest]);
    expect(await runs.get(id(1))).toEqual(whole);
  });

  test('the last run of a workload is not the one that was put first last, or is of a client that is not asked for', async () => {
    const runs = await fresh();
    const clients = ['shop', 'shop', 'bank', 'café'];
    for (const [n, clientId] of clients.entries()) await runs.put(runRecord(n, { clientId }));
    await runs.put(runRecord(0, { status: 'failed' }));
    const last = async (clientIds?: string[]) =>
      (await runs.lastRuns(clientIds && { clientIds })).map(({ runId }) => runId).sort();
    expect(await last()).toEqual([1, 2, 3].map(id));
    expect(await last(['café', 'shop'])).toEqual([1, 3].map(id));
    expect(await last(["shop' OR true --"])).toEqual([]);
    expect(await last([])).toEqual([]);
  });

  test('pages repeat or miss a run while new ones are put', async () => {
    const runs = await filled(1, 2, 3, 4, 5);
    const first = await runs.list({ limit: 2, order: 'newest-first' });
    await runs.put(runRecord(6));
    await runs.put(runRecord(3, { status: 'running' }));
    const second = await runs.list({ limit: 2, order: 'newest-first', cursor: first.nextCursor ?? '' });
    const third = await runs.list({ limit: 2, order: 'newest-first', cursor: second.nextCursor ?? '' });
    const ids = [first, second, third].flatMap((page) => page.runs.map((run) => run.runId));
    expect(ids).toEqual([5, 4, 3, 2, 1].map(id));
    expect(third.nextCursor).toBeNull();
  });

  test('runs are counted under another status than theirs', async () => {
    const runs = await fresh();
    expect(await runs.countByStatus()).toEqual({});
    for (const [n, status] of (['pending', 'failed', 'failed', 'completed'] as const).entries())
      await runs.put(runRecord(n, { status }));
    await runs.put(runRecord(0, { status: 'running' }));
    expect(await runs.countByStatus()).toEqual({ running: 1, failed: 2, completed: 1 });
  });

  test('pages that are read while runs come, change and go repeat one, miss one, or have another order', async () => {
    const runs = await fresh();
    // Over all rounds: each has a workload of its own. All runs were submitted at the same instant.
    let count = 0;
    const round = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      limit: fc.integer({ min: 1, max: 4 }),
      meanwhile: fc.array(fc.constantFrom('put', 'change', 'delete'), { maxLength: 5 }),
    });
    const property = fc.asyncProperty(round, async ({ size, limit, meanwhile }) => {
      const workloadId = `workload ${count}`;
      const there: number[] = [];
      const put = async () => {
        const n = count++;
        await runs.put(runRecord(n, { workloadId }));
        return n;
      };
      while (there.length < size) there.push(await put());
      const deleted = new Set<string>();
      const seen: string[] = [];
      const todo = [...meanwhile];
      let cursor: string | null = '';
      while (cursor !== null) {
        const from = cursor === '' ? {} : { cursor };
        const page = await runs.list({ workloadId, limit, order: 'newest-first', ...from });
        seen.push(...page.runs.map((run) => run.runId));
        cursor = page.nextCursor;
        const what = todo.shift();
        const [oldest = 0] = there.filter((n) => !deleted.has(id(n)));
        if (what === 'put') await put();
        if (what === 'change') await runs.put(runRecord(oldest, { workloadId, status: 'running' }));
        if (what === 'delete') await runs.delete(deleted.add(id(oldest)) && id(oldest));
      }
      expect(new Set(seen).size).toBe(seen.length);
      const stayed = there
        .toReversed()
        .map(id)
        .filter((one) => !deleted.has(one));
      expect(seen.filter((one) => !deleted.has(one))).toEqual(stayed);
    });
    await fc.assert(property, { numRuns: 15 });
  });

  test('a page that ends with the last run has a next one', async () => {
    const runs = await filled(1, 2);
    expect((await runs.list({ limit: 2 })).nextCursor).toBeNull();
  });

  test('a cursor that is none is taken, or refused without its name', async () => {
    const runs = await filled(1);
    await expect(runs.list({ cursor: 'nonsense' })).rejects.toThrow('"nonsense" is no cursor');
  });

  test('a deleted run is still there, or deleting it again is an error', async () => {
    const runs = await filled(1, 2);
    await runs.delete(id(1));
    await runs.delete(id(1));
    expect(await runs.get(id(1))).toBeNull();
    expect((await runs.list()).runs.map((run) => run.runId)).toEqual([id(2)]);
  });

  test('of three hundred runs one is missing in the list', async () => {
    const runs = await fresh();
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    await Promise.all(numbers.map((n) => runs.put(runRecord(n))));
    const listed = (await runs.list()).runs.map((run) => run.runId);
    expect(listed.toSorted()).toEqual(numbers.map(id));
  });

  test('runs put many times at once lose their places', async () => {
    const runs = await filled(1, 2, 3);
    const writes = Array.from({ length: 30 }, (_, n) => runs.put(runRecord(1 + (n % 3), { numRecords: n })));
    const lists = Array.from({ length: 10 }, () => runs.list());
    await Promise.all(writes);
    const all = [...(await Promise.all(lists)), await runs.list()];
    for (const { runs: listed } of all) {
      expect(listed.map((run) => run.runId)).toEqual([1, 2, 3].map(id));
    }
  });
}
