import { countNgrams, countShared } from './ngrams.js';

const MAX_ORDER = 4;

/** What BLEU is computed from; those of many sentences add up to those of a corpus. */
export interface BleuCounts {
  /** Matching and all n-grams of the candidate, for n = 1 to 4. */
  correct: number[];
  total: number[];
  candidateLength: number;
  referenceLength: number;
}

/** Counts one candidate against its references. */
export function bleuCounts(candidate: string, references: readonly string[]): BleuCounts {
  const given = tokenize(candidate);
  const expected = references.map(tokenize);
  const correct: number[] = [];
  const total: number[] = [];
  for (let order = 1; order <= MAX_ORDER; order++) {
    const most = mostOfEach(expected.map((tokens) => countNgrams(tokens, order)));
    correct.push(countShared(countNgrams(given, order), most));
    total.push(Math.max(given.length - order + 1, 0));
  }
  return {
    correct,
    total,
    candidateLength: given.length,
    referenceLength: closestLength(
      expected.map(({ length }) => length),
      given.length,
    ),
  };
}

export const addCounts = (all: readonly BleuCounts[]): BleuCounts => ({
  correct: sumByOrder(all.map(({ correct }) => correct)),
  total: sumByOrder(all.map(({ total }) => total)),
  candidateLength: all.reduce((sum, { candidateLength }) => sum + candidateLength, 0),
  referenceLength: all.reduce((sum, { referenceLength }) => sum + referenceLength, 0),
});

/** BLEU of one sentence, 0..100: orders that the candidate is too short for do not count. */
export const sentenceBleu = (counts: BleuCounts): number =>
  bleu(counts, counts.total.findLastIndex((total) => total > 0) + 1);

export const corpusBleu = (counts: BleuCounts): number => bleu(counts, MAX_ORDER);

/** Orders without a match are smoothed with 1/2, 1/4, … of a match, as mteval-v13a does. */
function bleu({ correct, total, candidateLength, referenceLength }: BleuCounts, orders: number): number {
  if (correct.every((count) => count === 0)) return 0;
  let smoothing = 1;
  const logs = Array.from({ length: orders }, (_, index) => {
    if (!total[index]) return -Infinity;
    if (!correct[index]) smoothing *= 2;
    return Math.log((correct[index] || 1 / smoothing) / total[index]);
  });
  const penalty = candidateLength < referenceLength ? Math.exp(1 - referenceLength / candidateLength) : 1;
  return 100 * penalty * Math.exp(logs.reduce((sum, log) => sum + log, 0) / orders);
}

function mostOfEach(counts: readonly Map<string, number>[]): Map<string, number> {
  const most = new Map<string, number>();
  for (const [ngram, count] of counts.flatMap((one) => [...one])) {
    most.set(ngram, Math.max(count, most.get(ngram) ?? 0));
  }
  return most;
}

/** Of two equally close lengths the shorter. */
const closestLength = (lengths: readonly number[], length: number): number =>
  [...lengths].sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0] ?? 0;

const sumByOrder = (lists: readonly number[][]): number[] =>
  Array.from({ length: MAX_ORDER }, (_, order) => lists.reduce((sum, list) => sum + (list[order] ?? 0), 0));

const ENTITIES: readonly [string, string][] = [
  ['&quot;', '"'],
  ['&amp;', '&'],
  ['&lt;', '<'],
  ['&gt;', '>'],
];

/** The `13a` tokens of the machine translation workshops: punctuation stands alone, except inside numbers. */
function tokenize(text: string): string[] {
  const line = text.trimEnd().replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  const plain = ENTITIES.reduce((result, [entity, character]) => result.replaceAll(entity, character), line);
  const tokens = ` ${plain} `
    .replace(/[{-~[-` -&(-+:-@/]/g, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .trim();
  return tokens === '' ? [] : tokens.split(/\s+/);
}
