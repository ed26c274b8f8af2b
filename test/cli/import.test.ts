import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { aGateway } from '../gateway/gateway-world.js';
import { aFolder } from '../support/local-platform.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel } from '../support/program.js';

async function aLogFile(...more: string[]): Promise<string> {
  const file = join(await aFolder(), 'logs.jsonl');
  const lines = [...orderLogs(4).map((record) => JSON.stringify(record)), ...more];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

const storeIn = (folder: string) => openStores({ kind: 'duckdb', file: join(folder, 'flywheel.duckdb') });

test('a broken line takes the good ones with it, or is not told with its number', async () => {
  const dataDir = await aFolder();
  const program = flywheel(['import', await aLogFile('{"workload_id": '), '--data-dir', dataDir]);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toContain('13 lines, 12 records imported, 0 already there, 1 rejected');
  expect(program.output()).toContain('  line 13: not JSON');
  const stores = await storeIn(dataDir);
  onTestFinished(() => stores.close());
  expect(await stores.logs.workloads()).toMatchObject([{ workloadId: ORDERS.workload, records: 12 }]);
}, 60_000);

test('lines that a running gateway refuses are lost without a word', async () => {
  const { url, logs } = await aGateway();
  const program = flywheel(['import', await aLogFile('{"client_id": "shop"}'), '--url', url]);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toContain('13 lines, 12 records imported, 0 already there, 1 rejected');
  expect(program.output()).toContain('  line 13: `workload_id` must be');
  expect(await logs.workloads()).toMatchObject([{ records: 12 }]);
}, 60_000);

test('a long number is altered on its way to a running gateway', async () => {
  const { url, logs } = await aGateway();
  const [log] = orderLogs(1);
  const line = JSON.stringify(log).replace('"request":{', '"request":{"seed":1234567890123456711,');
  const file = join(await aFolder(), 'logs.jsonl');
  await writeFile(file, line);
  const program = flywheel(['import', file, '--url', url]);
  expect(await program.ended(), program.output()).toBe(0);
  const pages = logs.export({ workloadId: ORDERS.workload, clientId: ORDERS.client });
  for await (const { bytes } of pages)
    expect(Buffer.from(bytes).toString()).toContain('"seed":1234567890123456711,');
  expect(await logs.workloads()).toMatchObject([{ records: 1 }]);
}, 60_000);

test('a store that another process has open is answered without saying what to do', async () => {
  const dataDir = await aFolder();
  const stores = await storeIn(dataDir);
  onTestFinished(() => stores.close());
  const program = flywheel(['import', await aLogFile(), '--data-dir', dataDir]);
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/^the embedded store could not start: .*--url/s);
}, 60_000);

test('a file in which nothing is usable counts as imported', async () => {
  const file = join(await aFolder(), 'logs.jsonl');
  await writeFile(file, 'hello\n');
  const program = flywheel(['import', file, '--data-dir', await aFolder()]);
  expect(await program.ended()).toBe(1);
  expect(program.output()).toMatch(/line 1: not JSON[^]*Nothing in the file is a usable log record/);
}, 60_000);
