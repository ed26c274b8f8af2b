import { expect, onTestFinished, test } from 'vitest';
import { Readers } from '../../src/datasets/readers.js';
import { Spool } from '../../src/datasets/spool.js';
import type { PageResult } from '../../src/records/page-reader.js';
import { pageOf } from '../../src/stores/record-pages.js';
import { aRecord, OPTIONS } from '../support/log-records.js';
import { aFolder } from '../support/local-platform.js';
import { logRecord } from '../support/stores.js';
import { build, textsOf } from './built.js';

const aPage = (records: number) =>
  pageOf(Array.from({ length: records }, (_, i) => ({ id: `${i}`, json: JSON.stringify(aRecord()) })));

async function someReaders(signal = new AbortController().signal) {
  const spool = await Spool.create(await aFolder());
  const reading = { ...OPTIONS, minReward: null, workloadId: 'w', clientId: 'c' };
  const readers = new Readers(spool, reading, signal, 2);
  onTestFinished(() => readers.close());
  return { spool, readers };
}

test('a page that a thread could not read is missing without a word', async () => {
  const { spool, readers } = await someReaders();
  await spool.remove();
  const results: PageResult[] = [];
  const take = (result: PageResult) => void results.push(result);
  await readers.read(aPage(3), take);
  const failure = /^Writing records of the workload into .*records-0 failed \(ENOENT/;
  await expect(readers.end()).rejects.toThrow(failure);
  await expect(readers.read(aPage(3), take)).rejects.toThrow(failure);
  await expect(readers.end()).rejects.toThrow(failure);
  expect(results).toEqual([]);
});

test('of many pages one is not read, or its bytes do not come back', async () => {
  const { readers } = await someReaders();
  let read = 0;
  let returned = 0;
  for (let n = 1; n <= 20; n++) {
    const reuse = ({ length }: Uint8Array) => void (returned += Math.min(length, 1));
    await readers.read({ ...aPage(n), reuse }, (result) => void (read += result.read));
  }
  await readers.end();
  expect({ read, returned }).toEqual({ read: 210, returned: 20 });
});

test('a cancelled reading ends otherwise than with its reason', async () => {
  const abort = new AbortController();
  const { readers } = await someReaders(abort.signal);
  await readers.read(aPage(2), () => undefined);
  abort.abort(new Error('cancelled'));
  await expect(readers.end()).rejects.toThrow('cancelled');
  await expect(readers.read(aPage(2), () => undefined)).rejects.toThrow('cancelled');
});

test('one thread alone reads or copies less, or otherwise, than two', async () => {
  const texts = textsOf(
    Array.from({ length: 2_500 }, (_, n) => logRecord(n, { workload_id: 'w', client_id: 'c' })),
  );
  const split = { evalSize: 20 };
  const alone = await build(texts, { split, threads: 1, pageRecords: 100 });
  const both = await build(texts, { split, threads: 2, pageRecords: 100 });
  expect(alone.training.length).toBeGreaterThan(2_000);
  expect(alone.bytes).toEqual(both.bytes);
});
