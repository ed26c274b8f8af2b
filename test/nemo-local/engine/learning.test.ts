import { beforeAll, describe, expect, test } from 'vitest';
import { recordsOfFile, simulatedRecords } from '../../support/traffic-records.js';
import { learn, meanOf, SIZES, type Experiment, type Learning, type Size } from './experiments.js';
import type { Score } from './scoring.js';

// Means over ten seeds, each with a split of its own by conversation.

const LOGS = process.env.FLYWHEEL_REAL_LOGS;
/** A quarter of what the demo simulates, so that ten seeds take a minute or two; another shop's day for each. */
const CONVERSATIONS = 80;
let learning: Learning;

const mean = (size: Size, experiment: Experiment, key: keyof Score) =>
  meanOf(learning[size][experiment], key);

describe('on the simulated logs of the demo', () => {
  beforeAll(async () => {
    learning = await learn((seed) => simulatedRecords({ seed, conversations: CONVERSATIONS }));
  });

  test.each(SIZES)('a model of %i billion parameters gains nothing from examples', (size) => {
    for (const key of ['name', 'call', 'rating', 'agreement'] as const)
      expect(mean(size, 'icl', key), key).toBeGreaterThan(mean(size, 'base', key));
    expect(mean(size, 'icl', 'call')).toBeGreaterThan(mean(size, 'base', 'call') + 0.1);
  });

  test.each(SIZES)('a model of %i billion parameters calls as well after wrong examples', (size) => {
    for (const key of ['name', 'call'] as const)
      expect(mean(size, 'icl-shuffled', key), key).toBeLessThan(mean(size, 'icl', key));
  });

  test.each(SIZES)('a model of %i billion parameters gains little from customization', (size) => {
    expect(mean(size, 'customized', 'call')).toBeGreaterThan(mean(size, 'base', 'call') + 0.2);
    expect(mean(size, 'customized', 'call')).toBeGreaterThan(mean(size, 'icl', 'call'));
    expect(mean(size, 'customized', 'rating')).toBeGreaterThan(mean(size, 'base', 'rating') + 1);
  });

  test.each(SIZES)('a model of %i billion parameters learns from shuffled answers', (size) => {
    expect(mean(size, 'shuffled', 'call')).toBeLessThan(mean(size, 'base', 'call'));
    expect(mean(size, 'shuffled', 'rating')).toBeLessThan(mean(size, 'base', 'rating') + 0.5);
  });

  test.each(['base', 'icl', 'customized'] as const)('a bigger model is no better: %s', (experiment) => {
    const [small, middle, big] = SIZES.map((size) => mean(size, experiment, 'agreement'));
    expect(middle).toBeGreaterThan(small ?? 1);
    expect(big).toBeGreaterThan(middle ?? 1);
    expect(mean(8, experiment, 'call')).toBeGreaterThan(mean(1, experiment, 'call'));
  });
}, 120_000);

describe.skipIf(LOGS === undefined)('on the logs of FLYWHEEL_REAL_LOGS', () => {
  beforeAll(async () => {
    const records = await recordsOfFile(LOGS ?? '');
    learning = await learn(() => records);
  }, 600_000);

  test.each(SIZES)(
    'a model of %i billion parameters does not learn, or learns from shuffled answers',
    (size) => {
      for (const key of ['name', 'call', 'rating'] as const) {
        expect(mean(size, 'icl', key), key).toBeGreaterThan(mean(size, 'base', key));
        expect(mean(size, 'customized', key), key).toBeGreaterThan(mean(size, 'base', key));
      }
      for (const key of ['name', 'call'] as const)
        expect(mean(size, 'icl-shuffled', key), key).toBeLessThan(mean(size, 'icl', key));
      expect(mean(size, 'customized', 'name')).toBeGreaterThan(mean(size, 'base', 'name') + 0.15);
      expect(mean(size, 'customized', 'rating')).toBeGreaterThan(mean(size, 'base', 'rating') + 1);
      expect(mean(size, 'shuffled', 'name')).toBeLessThan(mean(size, 'base', 'name'));
      expect(mean(size, 'shuffled', 'call')).toBeLessThan(mean(size, 'base', 'call'));
    },
  );

  test.each(['base', 'icl', 'customized'] as const)('a bigger model is no better: %s', (experiment) => {
    const [small, middle, big] = SIZES.map((size) => mean(size, experiment, 'call'));
    expect(middle).toBeGreaterThan(small ?? 1);
    expect(big).toBeGreaterThan(middle ?? 1);
  });
});
