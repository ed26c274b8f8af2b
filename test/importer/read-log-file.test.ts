import { readdir, readlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLogFile } from '../../src/importer/index.js';
import type { Item } from '../../src/importer/sources/item.js';
import { IN_TIME } from '../support/observe.js';
import { temporaryFolder } from '../support/temporary-folder.js';

let folder = '';
let remove = () => Promise.resolve();
beforeAll(async () => ({ folder, remove } = await temporaryFolder()));
afterAll(() => remove());

async function read(content: string | Buffer, name = 'logs.jsonl'): Promise<Item[]> {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return readAll(file);
}

async function readAll(file: string): Promise<Item[]> {
  const lines: Item[] = [];
  for await (const line of readLogFile(file)) lines.push(line);
  return lines;
}

const records = (lines: Item[]) => lines.map((line) => ('value' in line ? line.value : line.error));
const numbers = (lines: Item[]) => lines.map(({ at }) => at);

test('some JSON value comes back otherwise from a plain or a gzip file, by its line ends', async () => {
  const ending = fc.constantFrom('\n', '\r\n', '\n\n', '\n  \n');
  // A file that begins with a list is that list.
  const value = fc.jsonValue().filter((one) => !Array.isArray(one));
  const values = fc.array(value, { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(values, ending, fc.boolean(), async (given, end, zipped) => {
      const text = given.map((value) => JSON.stringify(value)).join(end);
      const lines = zipped ? await read(gzipSync(text), 'logs.jsonl.gz') : await read(text);
      expect(records(lines)).toEqual(given.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
    }),
    { numRuns: 50 },
  );
});

test('a byte order mark is not dropped, or blank lines do not count as lines, or are told', async () => {
  const lines = await read('\ufeff{"a":1}\n\n   \n{"a":2}\n');
  expect(records(lines)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(numbers(lines)).toEqual([1, 4]);
});

test('line separators that JSON allows inside of texts break a line', async () => {
  expect(records(await read('{"a":"x\u2028y\u2029z\u0085"}'))).toEqual([{ a: 'x\u2028y\u2029z\u0085' }]);
});

test('a line longer than a chunk of the file is not read whole', async () => {
  const long = { text: 'é'.repeat(1_000_000) };
  const lines = await read(`${JSON.stringify(long)}\n{"a":1}\n`);
  expect(records(lines)).toEqual([long, { a: 1 }]);
});

test('a broken line is not told with its number, or the lines after it are not read', async () => {
  const lines = await read('{"a":1}\n{"a":\n{"a":3}\n');
  expect(lines[1]).toEqual({ at: 2, error: expect.stringMatching(/^not JSON/) as string });
  expect(records(lines)[2]).toEqual({ a: 3 });
});

test('bytes that are no UTF-8 are replaced instead of being told', async () => {
  const latin1 = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xe9]), Buffer.from('"}\n{"a":2}')]);
  expect(records(await read(latin1))).toEqual(['not UTF-8 text', { a: 2 }]);
});

test('a last line that was cut in the middle is not told as such', async () => {
  const lines = await read('{"a":1}\n{"a":"unfin');
  expect(lines[1]).toMatchObject({
    at: 2,
    error: expect.stringContaining('the file ends within') as string,
  });
});

test('of a gzip file that was cut, what could be unpacked is not read, or the cut is not told', async () => {
  const text = Array.from({ length: 5000 }, (_, n) => JSON.stringify({ n, salt: Math.sin(n) })).join('\n');
  const whole = gzipSync(text);
  const lines = await read(whole.subarray(0, whole.length / 2), 'cut.jsonl.gz');
  const good = lines.slice(0, -1);
  expect(good.length).toBeGreaterThan(1000);
  expect(records(good)).toEqual(good.map((_, n) => ({ n, salt: Math.sin(n) })));
  expect(lines.at(-1)).toMatchObject({
    at: good.length + 1,
    error: expect.stringContaining('cut or damaged') as string,
  });
});

test('gzip is not recognised without the name .gz', async () => {
  expect(records(await read(gzipSync('{"a":1}'), 'packed.jsonl'))).toEqual([{ a: 1 }]);
});

test.each([
  ['a file that is not there', 'nothing.jsonl', /nothing\.jsonl cannot be opened: there is no such file/],
  ['a folder', '.', /is a folder/],
  ['a plain file named .gz', 'plain.jsonl.gz', /named \.gz but is not gzip/],
  ['UTF-16 text', 'utf16.jsonl', /UTF-16/],
])('%s is read, or refused with a message that is not for people', async (_, name, message) => {
  await writeFile(path.join(folder, 'plain.jsonl.gz'), '{"a":1}\n');
  await writeFile(path.join(folder, 'utf16.jsonl'), Buffer.from('\ufeff{"a":1}', 'utf16le'));
  const failure: unknown = await readAll(path.join(folder, name)).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'ImportError' });
  expect(String(failure)).toMatch(message);
});

test('a reader that stops early leaves a file open', async () => {
  const file = path.join(folder, 'long.jsonl');
  await writeFile(file, '{"a":1}\n'.repeat(200_000));
  const lines = readLogFile(file);
  expect((await lines.next()).done).toBe(false);
  await lines.return(undefined);
  const open = async () => {
    const descriptors = await readdir('/proc/self/fd').catch(() => []);
    return Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
  };
  await expect.poll(open, IN_TIME).not.toContain(file);
});
