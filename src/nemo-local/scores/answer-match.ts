import { countNgrams, countShared, f1 } from './ngrams.js';

/** F1 of the shared words, 0..1, as SQuAD counts them; two empty texts agree. */
export function tokenF1(reference: string, candidate: string): number {
  const [expected, given] = [wordsOf(reference), wordsOf(candidate)];
  if (expected.length === 0 || given.length === 0) return Number(expected.length === given.length);
  return f1(countShared(countNgrams(expected, 1), countNgrams(given, 1)), expected.length, given.length);
}

/** 1 when both texts have the same words, else 0. */
export const exactMatch = (reference: string, candidate: string): number =>
  Number(wordsOf(reference).join(' ') === wordsOf(candidate).join(' '));

/** SQuAD's normalization: no case, no ASCII punctuation, no English article, no spacing. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/\s+/)
    .filter((word) => word !== '');
