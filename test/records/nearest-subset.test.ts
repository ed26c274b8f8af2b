import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestSubset } from '../../src/records/nearest-subset.js';

const sum = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0);

/** By looking at every choice but none and all. */
function leastMiss(sizes: readonly number[], target: number): number {
  const choices = Array.from({ length: 2 ** sizes.length - 2 }, (_, i) => i + 1);
  return Math.min(...choices.map((mask) => Math.abs(sum(sizes.filter((_, i) => (mask >> i) & 1)) - target)));
}

test('a choice is further from the target than need be, takes a size twice, takes none or takes all', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 10 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 150 }), (sizes, target) => {
      const chosen = nearestSubset(sizes, target);
      expect(new Set(chosen).size).toBe(chosen.length);
      expect(chosen.length).toBeGreaterThan(0);
      expect(chosen.length).toBeLessThan(sizes.length);
      const total = sum(chosen.map((i) => sizes[i] ?? NaN));
      expect(Math.abs(total - target)).toBe(leastMiss(sizes, target));
    }),
    { numRuns: 300 },
  );
});
