import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importLogFile, type ImportProgress } from '../../src/importer/index.js';
import { openStores, type Stores } from '../../src/stores/index.js';
import { exported, logRecord } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let folder = '';
let remove = () => Promise.resolve();
let stores: Stores;
beforeAll(async () => ({ folder, remove } = await temporaryFolder()));
afterAll(() => remove());
beforeEach(async () => {
  stores = await openStores({ kind: 'duckdb', file: ':memory:' });
});
afterEach(() => stores.close());

async function file(lines: unknown[]): Promise<string> {
  const name = path.join(folder, 'logs.jsonl');
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  await writeFile(name, text.join('\n'));
  return name;
}

test('a line of a file is neither appended, a duplicate, nor rejected with its number and reason', async () => {
  const name = await file([
    logRecord(1),
    '{"cut":',
    logRecord(2, { workload_id: 'browse' }),
    '',
    logRecord(1),
    logRecord(3, { timestamp: null }),
    '[]',
    logRecord(4),
  ]);
  const summary = await importLogFile(name, stores.logs);
  expect(summary).toMatchObject({ items: 7, appended: 3, duplicates: 1, rejectedCount: 3 });
  expect(summary.rejected.map(({ place }) => place)).toEqual(['line 2', 'line 6', 'line 7']);
  expect(summary.rejected[1]?.reason).toContain('timestamp');
  expect(summary.workloads).toEqual([
    { workloadId: 'checkout', clientId: 'shop', records: 3 },
    { workloadId: 'browse', clientId: 'shop', records: 1 },
  ]);
});

test('a file imported twice adds something the second time, or does not name its workloads', async () => {
  const name = await file([logRecord(1), logRecord(2)]);
  const { workloads } = await importLogFile(name, stores.logs);
  expect(await importLogFile(name, stores.logs)).toMatchObject({ appended: 0, duplicates: 2, workloads });
  expect(await exported(stores.logs)).toHaveLength(2);
});

test('of many rejected lines not all are counted, or others than the first twenty are told', async () => {
  const summary = await importLogFile(await file(Array.from({ length: 700 }, () => '{}')), stores.logs);
  expect(summary).toMatchObject({ items: 700, appended: 0, rejectedCount: 700 });
  expect(summary.rejected.map(({ place }) => place)).toEqual(
    Array.from({ length: 20 }, (_, n) => `line ${n + 1}`),
  );
});

test('progress is not told while a long file is read, or does not end with its last line', async () => {
  const seen: ImportProgress[] = [];
  const name = await file(Array.from({ length: 1200 }, (_, n) => logRecord(n)));
  await importLogFile(name, stores.logs, { onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ items }) => items)).toEqual([500, 1000, 1200]);
  expect(seen.at(-1)).toEqual({
    items: 1200,
    appended: 1200,
    duplicates: 0,
    rejectedCount: 0,
    share: 1,
  });
});

test.each([[[]], [['', '   ', '']]])('a file without a record is not refused as empty', async (lines) => {
  await expect(importLogFile(await file(lines), stores.logs)).rejects.toThrow(/logs\.jsonl is empty/);
});

const realLogs = process.env['FLYWHEEL_REAL_LOGS'] ?? '';
const suite = realLogs ? 'real logs' : 'real logs (skipped: FLYWHEEL_REAL_LOGS is not set)';
describe.skipIf(!realLogs)(suite, () => {
  test('of 642 records of an airline agent one is not imported, or not whole', async () => {
    const summary = await importLogFile(realLogs, stores.logs);
    expect(summary).toMatchObject({ items: 642, appended: 642, duplicates: 0, rejectedCount: 0 });
    expect(summary.workloads).toEqual([
      { workloadId: 'airline_agent', clientId: 'airline-prod', records: 642 },
    ]);
    const [newest] = await exported(stores.logs, { workloadId: 'airline_agent', clientId: 'airline-prod' });
    expect(newest?.record).toHaveProperty('session_id');
  });
});
