import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bootstrapMean, mean, variance, wilson } from '../../src/report/intervals.js';

// Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3 (score, without continuity correction).
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('the Wilson interval of %i in %i is not the published one', (successes, n, low, high) => {
  const interval = wilson(successes / n, n);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});

const proportion = fc
  .integer({ min: 1, max: 500 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

test('a Wilson interval leaves [0, 1], misses its estimate, or does not shrink with n', () => {
  fc.assert(
    fc.property(proportion, ([successes, n]) => {
      const p = successes / n;
      const [low, high] = wilson(p, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(p + 1e-12);
      expect(high).toBeGreaterThanOrEqual(p - 1e-12);
      const [wideLow, wideHigh] = wilson(p, n * 4);
      expect(wideHigh - wideLow).toBeLessThan(high - low);
    }),
  );
});

test('a bootstrap differs from run to run, or leaves the range of its values', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 40 }), (values) => {
      const [low, high] = bootstrapMean(values, 7);
      expect(bootstrapMean(values, 7)).toEqual([low, high]);
      expect(low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(high).toBeLessThanOrEqual(Math.max(...values));
      expect(low).toBeLessThanOrEqual(high);
    }),
    { numRuns: 50 },
  );
});

test('a bootstrap of many values is far from the normal interval', () => {
  const values = Array.from({ length: 400 }, (_, i) => 1 + ((i * 7) % 10));
  const half = 1.96 * Math.sqrt(variance(values) / values.length);
  const [low, high] = bootstrapMean(values, 3);
  expect(low).toBeCloseTo(mean(values) - half, 1);
  expect(high).toBeCloseTo(mean(values) + half, 1);
});
