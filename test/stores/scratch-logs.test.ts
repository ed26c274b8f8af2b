import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScratchLogs } from '../../src/stores/scratch-logs.js';
import { aFolder } from '../support/local-platform.js';
import { exported, logRecord, recordsOf } from '../support/stores.js';

test('records of two workloads are mixed, kept twice, or changed', async () => {
  const folder = await aFolder();
  const logs = new ScratchLogs(folder);
  const other = logRecord(1, { workload_id: 'search' });
  const answers = [
    await logs.append([logRecord(1), other, logRecord(1), { client_id: 'shop' }]),
    await logs.append([logRecord(2), logRecord(1), 'text']),
  ];
  expect(answers).toMatchObject([
    { appended: 2, duplicates: 1, errors: [{ index: 3 }] },
    { appended: 1, duplicates: 1, errors: [{ index: 2 }] },
  ]);
  // As any store has them.
  const found = async (workloadId: string) =>
    (await exported(logs, { workloadId })).map(({ record }) => record);
  expect(await found('checkout')).toEqual([logRecord(1), logRecord(2)]);
  expect(await found('search')).toEqual([other]);
  expect(await found('nothing')).toEqual([]);
  expect(await logs.workloads()).toMatchObject([
    { workloadId: 'checkout', clientId: 'shop', records: 2, firstAt: logRecord(1).timestamp },
    { workloadId: 'search', records: 1 },
  ]);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
});

test('a workload of many MB comes in one page, or loses records between pages', async () => {
  const folder = join(await aFolder(), 'scratch');
  mkdirSync(folder);
  const logs = new ScratchLogs(folder);
  const text = 'ü'.repeat(600_000);
  const records = Array.from({ length: 12 }, (_, n) => logRecord(n, { note: `${n}${text}` }));
  for (const record of records) await logs.append([record]);
  const pages = [];
  for await (const page of logs.export({ workloadId: 'checkout', clientId: 'shop' })) pages.push(page);
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.flatMap(recordsOf).map(({ record }) => record)).toEqual(records);
});
