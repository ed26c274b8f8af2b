import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJsonDocument } from '../../../src/importer/sources/json-document.js';
import type { Item } from '../../../src/importer/sources/item.js';
import { openSource } from '../../../src/importer/sources/open-source.js';
import { aFolderOfFiles } from './files.js';

const files = aFolderOfFiles();

/** Reads a text in chunks of so many bytes. */
async function read(text: string, isList: boolean, size = 7): Promise<Item[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
  const items: Item[] = [];
  for await (const item of readJsonDocument(chunks(), isList)) items.push(item);
  return items;
}

const told = (items: Item[]) => items.map((item) => ('value' in item ? item.value : item.error));

async function opened(name: string, content: string | Buffer): Promise<{ unit: string; found: unknown[] }> {
  const { unit, items } = await openSource(await files.write(name, content));
  const found: unknown[] = [];
  for await (const item of items) found.push('value' in item ? item.value : item);
  return { unit, found };
}

test('some list comes back otherwise than it was written, however it is cut into chunks', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.jsonValue(), { minLength: 1 }),
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(undefined, 2),
    async (values, size, indent) => {
      const text = JSON.stringify(values, null, indent);
      expect(told(await read(text, true, size))).toEqual(JSON.parse(text));
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

test.each([
  ['a pretty list', 'list.json', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
  ['a list in data', 'api.json', { meta: { page: 1 }, data: [{ a: 1 }, { a: 2 }] }, [{ a: 1 }, { a: 2 }]],
  ['a list in runs', 'runs.json', { runs: [{ a: 1 }], cursors: { next: null } }, [{ a: 1 }]],
  ['an object', 'trace.json', { id: 't', observations: [{ a: 1 }] }, [{ id: 't', observations: [{ a: 1 }] }]],
  [
    "a collector's document",
    'otlp.json',
    { resourceSpans: [{ a: 1 }, { a: 2 }], resourceLogs: [{ b: 1 }] },
    [{ resourceSpans: [{ a: 1 }] }, { resourceSpans: [{ a: 2 }] }, { resourceLogs: [{ b: 1 }] }],
  ],
])('%s is not read item by item', async (_, name, document, items) => {
  const text = JSON.stringify(document, null, 2);
  const expected = { unit: 'item', found: items };
  expect(await opened(name, text)).toEqual(expected);
  expect(await opened(`${name}.gz`, gzipSync(`\ufeff\n${text}\n`))).toEqual(expected);
});

test('a list with an item a line, or in one line, is taken for lines', async () => {
  expect(await opened('lines.json', '[{"a":1},\n{"a":2}]\n')).toEqual({
    unit: 'item',
    found: [{ a: 1 }, { a: 2 }],
  });
  expect(await opened('line.json', '[{"a":1},{"a":2}]')).toEqual({
    unit: 'item',
    found: [{ a: 1 }, { a: 2 }],
  });
});

test('a broken first line makes a document of lines', async () => {
  const { unit, found } = await opened('broken.jsonl', '{"a":\n{"a":2}\n');
  expect(unit).toBe('line');
  expect(found).toMatchObject([{ at: 1, error: expect.stringMatching(/^not JSON/) as string }, { a: 2 }]);
});

test('what stands before a mistake in a document is lost, or the mistake is not told with its place', async () => {
  expect(told(await read('[{"a":1},{"a":2},{"a" 3},{"a":4}]', true))).toEqual([
    { a: 1 },
    { a: 2 },
    expect.stringMatching(/^not JSON from here: .*the rest was not read$/),
  ]);
  const cut = await read('[{"a":1},{"a":2', true);
  expect(told(cut)).toEqual([{ a: 1 }, expect.stringContaining('it may have been cut')]);
  expect(cut[1]).toMatchObject({ at: 2 });
  expect(told(await read('{"data":[{"a":1},', false))).toEqual([{ a: 1 }, expect.stringContaining('cut')]);
  expect(told(await read('{"a":\n1,,}', false))).toEqual([expect.stringMatching(/^not JSON/)]);
});

test('an object that wraps no list is kept in memory without end', async () => {
  const [item, ...more] = await read(`{"a":"${'x'.repeat(65_000_000)}"}`, false, 1_000_000);
  expect(item).toEqual({ at: 1, error: expect.stringMatching(/longer than 64 MB/) as string });
  expect(more).toEqual([]);
});
