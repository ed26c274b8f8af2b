import type { CanonicalRecord } from '../records/canonical-record.js';
import { comparedText } from '../records/compared-text.js';
import { Nearest } from '../records/nearest.js';
import { shuffled } from '../records/random.js';
import { seededRandom } from '../seeded-random.js';
import type { Embed } from './request.js';

/** More training rows are not compared; which ones are, the seed decides. */
const MOST_COMPARED = 20_000;
/** Texts whose vectors are in memory at a time: 2.5 MB of 2,048 numbers each. */
const TEXTS_AT_A_TIME = 320;

/** Rows are numbers of records, as in the digests. */
export interface RowsToCompare {
  evaluation: Uint32Array;
  /** In an order that depends on their content alone, rows of one conversation together: they often ask the same. */
  training: Uint32Array;
  read: (row: number) => Promise<CanonicalRecord>;
  embed: Embed;
  seed: number;
  /** How many training rows to find for each evaluation row. */
  most: number;
}

/**
 * The training rows nearest to each evaluation row, nearest first, by the cosine of the texts they are compared by. In
 * memory are the vectors of the evaluation rows and of some training rows. A row without text is in no list and
 * has none.
 */
export async function similarRows(rows: RowsToCompare): Promise<Map<number, number[]>> {
  const { evaluation, training, read, embed, seed, most } = rows;
  const asked = new Map<string, number[]>();
  for (const row of evaluation) gather(asked, row, comparedText(await read(row)));
  if (asked.size === 0) return new Map();
  const nearest = new Nearest<number>(await embed([...asked.keys()], 'query'), most);

  let some = new Map<string, number[]>();
  const compare = async () => {
    const vectors = await embed([...some.keys()], 'passage');
    for (const [i, alike] of [...some.values()].entries())
      for (const row of alike) nearest.offer(row, vectors[i] ?? new Float32Array());
    some = new Map();
  };
  for (const row of sampled(training, seed)) {
    gather(some, row, comparedText(await read(row)));
    if (some.size === TEXTS_AT_A_TIME) await compare();
  }
  if (some.size > 0) await compare();
  return new Map(
    [...asked.values()].flatMap((alike, i) => alike.map((row) => [row, nearest.to(i)] as const)),
  );
}

/** Rows with one text are embedded once. */
function gather(texts: Map<string, number[]>, row: number, text: string | null): void {
  if (text === null) return;
  const alike = texts.get(text);
  if (alike) alike.push(row);
  else texts.set(text, [row]);
}

/** Seeded, in the order in which they came. */
function sampled(rows: Uint32Array, seed: number): Uint32Array {
  if (rows.length <= MOST_COMPARED) return rows;
  const places = shuffled([...rows.keys()], seededRandom(seed)).slice(0, MOST_COMPARED);
  return Uint32Array.from(
    places.sort((a, b) => a - b),
    (place) => rows[place] ?? 0,
  );
}
