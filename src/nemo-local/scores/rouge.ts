import { countNgrams, countShared, f1 } from './ngrams.js';
import { stem } from './porter-stemmer.js';

export const ROUGE_SCORES = ['rouge_1_score', 'rouge_2_score', 'rouge_3_score', 'rouge_L_score'] as const;

/** ROUGE as F-measures, 0..1: shared sequences of one, two and three stemmed words, and the longest common subsequence. */
export function rouge(reference: string, candidate: string): Record<(typeof ROUGE_SCORES)[number], number> {
  const [expected, given] = [tokensOf(reference), tokensOf(candidate)];
  const ofSize = (size: number) =>
    f1(
      countShared(countNgrams(expected, size), countNgrams(given, size)),
      Math.max(expected.length - size + 1, 0),
      Math.max(given.length - size + 1, 0),
    );
  return {
    rouge_1_score: ofSize(1),
    rouge_2_score: ofSize(2),
    rouge_3_score: ofSize(3),
    rouge_L_score: f1(longestCommonSubsequence(expected, given), expected.length, given.length),
  };
}

/** ASCII letters and digits only, as in the reference implementation: text in other scripts has no token. */
const tokensOf = (text: string): string[] =>
  (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((word) => (word.length > 3 ? stem(word) : word));

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const token of a) {
    const next = new Uint32Array(b.length + 1);
    b.forEach((other, j) => {
      next[j + 1] = token === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0);
    });
    row = next;
  }
  return row[b.length] ?? 0;
}
