import { expect, test } from 'vitest';
import { similarRows } from '../../src/datasets/similar-rows.js';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { aRecord, readRecord, said } from '../support/log-records.js';

function asking(text: string | null): CanonicalRecord {
  const read = readRecord(aRecord({ request: { messages: [said('user', text)] } }));
  if ('rejected' in read) throw new Error(read.rejected);
  return read.record;
}

/** Rows are numbers that ask for themselves; `texts` are the batches in which they were embedded. */
async function compare(
  evaluation: number[],
  training: number[],
  seed = 1,
  ask: (row: number) => string | null = String,
) {
  const texts: string[][] = [];
  const found = await similarRows({
    evaluation: Uint32Array.from(evaluation),
    training: Uint32Array.from(training),
    read: (row) => Promise.resolve(asking(ask(row))),
    embed: (batch) => {
      texts.push([...batch]);
      return Promise.resolve(batch.map((text) => Float32Array.of(Number(text), 1)));
    },
    seed,
    most: 2,
  });
  return { found, texts };
}

test('more than 20,000 rows are compared, or others with the same seed', async () => {
  const training = Array.from({ length: 20_500 }, (_, i) => i);
  const compared = async (seed: number) => (await compare([7], training, seed)).texts.slice(1).flat();
  const first = await compared(1);
  expect(first).toHaveLength(20_000);
  expect(await compared(1)).toEqual(first);
  expect(await compared(2)).not.toEqual(first);
});

test('a text is embedded twice though its rows follow each other', async () => {
  const { texts, found } = await compare([1, 2], [10, 11, 12, 13], 1, (row) => String(row % 2));
  expect(texts).toEqual([
    ['1', '0'],
    ['0', '1'],
  ]);
  expect(found.get(1)).toEqual([11, 13]);
  expect(found.get(2)).toEqual([10, 12]);
});

test('a row without text finds rows, is found, or stops the others', async () => {
  const ask = (row: number) => (row < 3 ? null : String(row));
  const { found } = await compare([1, 5], [2, 4, 0], 1, ask);
  expect(found.has(1)).toBe(false);
  expect(found.get(5)).toEqual([4]);
  expect((await compare([1], [4], 1, ask)).texts).toEqual([]);
});
