import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStores, type Stores } from '../../src/stores/index.js';
import { built } from '../support/built.js';
import { exported, logRecord, runRecord } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { logStoreConformance } from './log-store-conformance.js';
import { runStoreConformance } from './run-store-conformance.js';

let folder = '';
let remove = () => Promise.resolve();
const opened: Stores[] = [];

beforeEach(async () => ({ folder, remove } = await temporaryFolder()));
afterEach(async () => {
  for (const stores of opened.splice(0)) await stores.close();
  await remove();
});

async function open(name = 'flywheel.duckdb'): Promise<Stores> {
  const stores = await openStores({ kind: 'duckdb', file: path.join(folder, name) });
  opened.push(stores);
  return stores;
}

describe('log records in DuckDB', () => logStoreConformance(async () => (await open()).logs));
describe('runs in DuckDB', () => runStoreConformance(async () => (await open()).runs));

test('what was acknowledged is gone after the file is closed and opened again', async () => {
  const before = await open('new/folder/flywheel.duckdb');
  await before.logs.append([logRecord(1)]);
  await before.runs.put(runRecord(1));
  await before.close();
  const after = await open('new/folder/flywheel.duckdb');
  expect(await exported(after.logs)).toHaveLength(1);
  expect(await after.runs.get(runRecord(1).runId)).toEqual(runRecord(1));
});

test('what was deleted keeps its place in the file for ever', async () => {
  const stores = await open();
  // Nothing that could be compressed: 14 MB a round.
  const digest = (n: number, k: number) => createHash('sha512').update(`${n} ${k}`).digest('base64');
  const padding = (n: number) => ({ text: Array.from({ length: 8 }, (_, k) => digest(n, k)).join('') });
  const fill = (from: number) =>
    stores.logs.append(Array.from({ length: 20_000 }, (_, n) => logRecord(from + n, padding(from + n))));
  const size = async () => (await stat(path.join(folder, 'flywheel.duckdb'))).size;
  const sizes: number[] = [];
  for (let round = 0; round < 4; round++) {
    await fill(round * 20_000);
    await stores.logs.deleteBefore({ workloadId: 'checkout', clientId: 'shop', before: null });
    sizes.push(await size());
  }
  expect(sizes[3]).toBeLessThan(1.5 * sizes[0]!);
});

test('who reads waits for the whole of a deletion', async () => {
  const { logs } = await open();
  await logs.append(Array.from({ length: 45_000 }, (_, n) => logRecord(n)));
  const left = async () => (await logs.count({ workloadId: 'checkout', clientId: 'shop', since: 0 })).all;
  let isOver = false;
  const query = { workloadId: 'checkout', clientId: 'shop', before: null };
  const deleting = logs.deleteBefore(query).finally(() => (isOver = true));
  const seen: number[] = [];
  while (!isOver) {
    await logs.toolUse();
    seen.push(await left());
  }
  expect(await deleting).toBe(45_000);
  expect(seen.filter((records) => records > 0 && records < 45_000).length).toBeGreaterThanOrEqual(2);
});

test('a deletion takes what is appended meanwhile', async () => {
  const { logs } = await open();
  await logs.append(Array.from({ length: 25_000 }, (_, n) => logRecord(n)));
  const deleting = logs.deleteBefore({ workloadId: 'checkout', clientId: 'shop', before: null });
  await logs.append([logRecord(50_000)]);
  expect(await deleting).toBe(25_000);
  expect(await exported(logs)).toHaveLength(1);
});

test('a new process puts its runs before those of the one before', async () => {
  const before = await open();
  await before.runs.put(runRecord(7));
  await before.close();
  const file = path.join(folder, 'flywheel.duckdb');
  await inAnotherProcess(`await (await openStores(${JSON.stringify({ kind: 'duckdb', file })})).runs
    .put(${JSON.stringify(runRecord(3))}); process.exit(0);`);
  const { runs } = await (await open()).runs.list();
  expect(runs.map((run) => run.runId)).toEqual([7, 3].map((n) => runRecord(n).runId));
});

test('a run whose text DuckDB cannot read as JSON hides all others from the list', async () => {
  const { runs } = await open();
  await runs.put(runRecord(1, { error: 'half of a pair: \ud800' }));
  await runs.put(runRecord(2));
  for (const listed of [(await runs.list()).runs, await runs.lastRuns()])
    expect(listed.at(-1)?.runId).toBe(runRecord(2).runId);
  expect((await runs.list()).runs).toMatchObject([{ error: 'half of a pair: \ud800' }, {}]);
});

test('a second process is not told that the file is in use, or not what separate processes need', async () => {
  await open();
  const config = { kind: 'duckdb', file: path.join(folder, 'flywheel.duckdb') };
  const { stdout } = await inAnotherProcess(
    `await openStores(${JSON.stringify(config)}).catch((e) => console.log(e.name, e.message));`,
  );
  expect(stdout).toMatch(/^StoreError .*in use by another process.*ELASTICSEARCH_URL/);
});

test('a file that is no database is opened, or refused without its name', async () => {
  await writeFile(path.join(folder, 'notes.txt'), 'shopping list '.repeat(1000));
  await expect(open('notes.txt')).rejects.toThrow(/notes\.txt cannot be opened/);
});

function inAnotherProcess(code: string) {
  const stores = built('src/stores/index.ts');
  const script = `import { openStores } from ${JSON.stringify(stores)}; ${code}`;
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
}
