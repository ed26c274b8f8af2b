import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exactMatch, tokenF1 } from '../../../src/nemo-local/scores/answer-match.js';
import { addCounts, bleuCounts, corpusBleu, sentenceBleu } from '../../../src/nemo-local/scores/bleu.js';
import { stem } from '../../../src/nemo-local/scores/porter-stemmer.js';
import { ROUGE_SCORES, rouge } from '../../../src/nemo-local/scores/rouge.js';

const Rouge = z.object({
  rouge_1_score: z.number(),
  rouge_2_score: z.number(),
  rouge_3_score: z.number(),
  rouge_L_score: z.number(),
});

/** Made by `reference-values.py` beside it, from sacrebleu 2.6.0 and rouge-score 0.1.2; its head says how. */
const expected = z
  .object({
    pairs: z.array(
      Rouge.extend({
        reference: z.string(),
        candidate: z.string(),
        bleu: z.number(),
        f1: z.number(),
        exact_match: z.number(),
      }),
    ),
    corpora: z.array(
      z.object({ pairs: z.array(z.tuple([z.array(z.string()), z.string()])), bleu: z.number() }),
    ),
    manyReferences: z.array(
      z.object({ references: z.array(z.string()), candidate: z.string(), bleu: z.number() }),
    ),
    stems: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL('reference-values.json', import.meta.url), 'utf8')));

describe.each(expected.pairs)('$candidate against $reference', ({ reference, candidate, ...scores }) => {
  test('has another BLEU than sacrebleu', () => {
    expect(sentenceBleu(bleuCounts(candidate, [reference]))).toBeCloseTo(scores.bleu, 8);
  });
  test('has another ROUGE than rouge-score', () => {
    const ours = rouge(reference, candidate);
    for (const name of ROUGE_SCORES)
      expect([name, ours[name]]).toEqual([name, expect.closeTo(scores[name], 10)]);
  });
  test('has another F1 or exact match than SQuAD', () => {
    expect(tokenF1(reference, candidate)).toBeCloseTo(scores.f1, 10);
    expect(exactMatch(reference, candidate)).toBe(scores.exact_match);
  });
});

test.each(expected.corpora)('corpus $# has another BLEU than sacrebleu', ({ pairs, bleu }) => {
  const counts = pairs.map(([references, candidate]) => bleuCounts(candidate, references));
  expect(corpusBleu(addCounts(counts))).toBeCloseTo(bleu, 8);
});

test.each(expected.manyReferences)(
  '$candidate has another BLEU against several references than sacrebleu',
  ({ references, candidate, bleu }) => {
    expect(sentenceBleu(bleuCounts(candidate, references))).toBeCloseTo(bleu, 8);
  },
);

test('a word is stemmed otherwise than by NLTK', () => {
  const words = Object.keys(expected.stems);
  expect(Object.fromEntries(words.map((word) => [word, stem(word)]))).toEqual(expected.stems);
});
