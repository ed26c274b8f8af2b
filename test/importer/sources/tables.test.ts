import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { openSource } from '../../../src/importer/sources/open-source.js';
import { aFolderOfFiles, writeParquet } from './files.js';

const files = aFolderOfFiles();

async function read(path: string): Promise<{ unit: string; columns: string[]; rows: unknown[] }> {
  const { unit, items } = await openSource(path);
  let columns: string[] = [];
  const rows: unknown[] = [];
  for await (const item of items) {
    if ('columns' in item) columns = item.columns;
    else rows.push('value' in item ? item.value : item);
  }
  return { unit, columns, rows };
}

const csv = async (text: string | Buffer, name = 'table.csv') => read(await files.write(name, text));

test('quotes, commas, line ends and doubled quotes in cells are not read as RFC 4180 has them', async () => {
  const text = '\ufeffts,prompt\r\n1,"Hi, ""you""\nthere"\r\n\r\n2,plain\r\n';
  const expected = {
    unit: 'row',
    columns: ['ts', 'prompt'],
    rows: [
      { ts: '1', prompt: 'Hi, "you"\nthere' },
      { ts: '2', prompt: 'plain' },
    ],
  };
  expect(await csv(text)).toEqual(expected);
  expect(await csv(gzipSync(text), 'table.csv.gz')).toEqual(expected);
});

test.each([
  ['semicolons', 'a;b\n1,5;2\n', 'table.csv', { a: '1,5', b: '2' }],
  ['tabs', 'a\tb\n1,5\t2\n', 'table.tsv', { a: '1,5', b: '2' }],
])('%s between cells are not seen', async (_, text, name, row) => {
  expect((await csv(text, name)).rows).toEqual([row]);
});

test('a row that does not fit the header takes others with it', async () => {
  const { rows } = await csv('a,b\n1,2\n3\n4,5,6\n7,8\n');
  expect(rows).toEqual([
    { a: '1', b: '2' },
    { at: 2, error: 'it has 1 cells, the header 2 (line 3)' },
    { at: 3, error: 'it has 3 cells, the header 2 (line 4)' },
    { a: '7', b: '8' },
  ]);
});

test('a quote that is never closed is read as if nothing were wrong', async () => {
  const { rows } = await csv('a,b\n1,2\n3,"4\n5,6\n');
  expect(rows[0]).toEqual({ a: '1', b: '2' });
  expect(rows.slice(1)).toEqual([{ at: 2, error: expect.stringMatching(/quote/i) as string }]);
});

test('rows of Parquet lose numbers, lists, objects or times', async () => {
  const path = files.path("it's [1].parquet");
  const query = `SELECT 1767600000::BIGINT AS ts, TIMESTAMP '2026-01-05 08:00:00' AS at, {'role': 'user', 'n': 1} AS one,
    ['a', 'b'] AS list, 'text' AS whole_row, NULL::VARCHAR AS nothing`;
  await writeParquet(path, query);
  expect(await read(path)).toEqual({
    unit: 'row',
    columns: ['ts', 'at', 'one', 'list', 'whole_row', 'nothing'],
    rows: [
      {
        ts: 1_767_600_000,
        at: '2026-01-05 08:00:00',
        one: { role: 'user', n: 1 },
        list: ['a', 'b'],
        whole_row: 'text',
        nothing: null,
      },
    ],
  });
});

test('a name with signs of a pattern stands for other files too', async () => {
  await writeParquet(files.path('ab.parquet'), 'SELECT 1 AS other');
  await writeParquet(files.path('a*.parquet'), 'SELECT 2 AS own');
  expect((await read(files.path('a*.parquet'))).rows).toEqual([{ own: 2 }]);
});

test('many rows of Parquet are not read one by one with their share', async () => {
  const path = files.path('many.parquet');
  await writeParquet(path, 'SELECT i FROM range(5000) t(i)');
  const { items, share } = await openSource(path);
  let rows = 0;
  for await (const item of items) if ('value' in item && ++rows === 2500) expect(share()).toBe(0.5);
  expect([rows, share()]).toEqual([5000, 1]);
});

test('a file that only begins like Parquet ends in a stack trace', async () => {
  const path = await files.write('broken.parquet', 'PAR1 and no more');
  await expect(openSource(path)).rejects.toThrow(/broken\.parquet cannot be read as Parquet: /);
});
