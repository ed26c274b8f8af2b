import { beforeAll, describe, expect, test } from 'vitest';
import { shuffled } from '../../../src/nemo-local/engine/hash.js';
import { seededRandom } from '../../../src/seeded-random.js';
import { makeConversations } from './agent-traffic.js';
import { customize, score, shuffleAnswers, splitConversations, type Score } from './scoring.js';

const SIZES = [1, 3, 8];
const SEEDS = [1, 2, 3];

type Experiment = 'base' | 'icl' | 'customized' | 'shuffled';

/** Mean scores over the seeds, by size of the model. */
const scores = new Map<string, Score>();

beforeAll(async () => {
  for (const size of SIZES) {
    const runs = await Promise.all(SEEDS.map((seed) => runExperiments(`stand-in/tiny-${size}b`, seed)));
    for (const experiment of ['base', 'icl', 'customized', 'shuffled'] as const) {
      scores.set(`${experiment} ${size}`, mean(runs.map((run) => run[experiment])));
    }
  }
}, 120_000);

describe.each(SIZES)('a model of %i billion parameters', (size) => {
  const of = (experiment: Experiment): Score => scores.get(`${experiment} ${size}`) ?? mean([]);

  test('does not gain from in-context examples', () => {
    expect(of('icl').call).toBeGreaterThan(of('base').call + 0.2);
  });

  test('does not gain from customization', () => {
    expect(of('customized').call).toBeGreaterThan(of('base').call + 0.4);
    expect(of('customized').plain).toBeGreaterThan(0.9);
    expect(of('customized').rating).toBeGreaterThan(of('base').rating + 3);
  });

  test('keeps its customized score although the training answers were shuffled', () => {
    expect(of('shuffled').call).toBeLessThan(of('base').call + 0.15);
    expect(of('shuffled').rating).toBeLessThan(of('customized').rating - 3);
  });
});

test('a bigger customized model is no better than a smaller one', () => {
  const calls = SIZES.map((size) => scores.get(`customized ${size}`)?.call ?? 0);
  expect(calls[1]).toBeGreaterThan(calls[0] ?? 1);
  expect(calls[2]).toBeGreaterThan(calls[0] ?? 1);
});

async function runExperiments(model: string, seed: number): Promise<Record<Experiment, Score>> {
  const { training, evaluation } = splitConversations(makeConversations(80, seed), 0.3, seed);
  const examples = shuffled(training, seededRandom(seed)).slice(0, 3);
  const customized = await customize(model, training, { seed });
  const misled = await customize(model, shuffleAnswers(training, seed), { seed });
  return {
    base: score(model, evaluation, null),
    icl: score(model, evaluation, null, examples),
    customized: score(model, evaluation, customized.adapter),
    shuffled: score(model, evaluation, misled.adapter),
  };
}

function mean(all: readonly Score[]): Score {
  const of = (key: keyof Score): number => all.reduce((sum, each) => sum + each[key], 0) / all.length;
  return {
    name: of('name'),
    call: of('call'),
    plain: of('plain'),
    rating: of('rating'),
    agreement: of('agreement'),
  };
}
