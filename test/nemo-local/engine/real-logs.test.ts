import { describe, expect, test } from 'vitest';
import { seededRandom, shuffled } from '../../../src/nemo-local/engine/hash.js';
import { readRealLogs } from './real-logs.js';
import { customize, score, shuffleAnswers, splitConversations, type Score } from './scoring.js';

const file = process.env.FLYWHEEL_REAL_LOGS;
const SEEDS = [1, 2, 3];

describe.skipIf(file === undefined)('on the logs of FLYWHEEL_REAL_LOGS, split by conversation,', () => {
  test.each([1, 3, 8])(
    'a model of %i billion parameters does not learn, or learns from shuffled answers',
    async (size) => {
      const model = `stand-in/tiny-${size}b`;
      const runs: Record<string, Score[]> = { base: [], icl: [], customized: [], shuffled: [] };
      for (const seed of SEEDS) {
        const { training, evaluation } = splitConversations(readRealLogs(file ?? ''), 0.25, seed);
        const examples = shuffled(training, seededRandom(seed)).slice(0, 3);
        const customized = await customize(model, training, { seed });
        const misled = await customize(model, shuffleAnswers(training, seed), { seed });
        runs.base?.push(score(model, evaluation, null));
        runs.icl?.push(score(model, evaluation, null, examples));
        runs.customized?.push(score(model, evaluation, customized.adapter));
        runs.shuffled?.push(score(model, evaluation, misled.adapter));
      }
      const of = (experiment: string, key: keyof Score): number => mean(runs[experiment] ?? [], key);

      expect(of('icl', 'name')).toBeGreaterThan(of('base', 'name'));
      expect(of('icl', 'rating')).toBeGreaterThan(of('base', 'rating'));
      expect(of('customized', 'name')).toBeGreaterThan(of('base', 'name') + 0.15);
      expect(of('customized', 'call')).toBeGreaterThan(of('base', 'call'));
      expect(of('customized', 'rating')).toBeGreaterThan(of('base', 'rating') + 1);
      expect(of('shuffled', 'name')).toBeLessThan(of('base', 'name') + 0.05);
      expect(of('shuffled', 'call')).toBeLessThan(of('base', 'call') + 0.05);
    },
    120_000,
  );
});

function mean(scores: readonly Score[], key: keyof Score): number {
  return scores.reduce((sum, each) => sum + each[key], 0) / scores.length;
}
