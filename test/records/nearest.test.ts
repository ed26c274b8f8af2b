import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Nearest } from '../../src/records/nearest.js';

function cosine(a: number[], b: number[]): number {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const lengths = Math.hypot(...a) * Math.hypot(...b);
  return lengths === 0 ? 0 : dot / lengths;
}

const vector = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 6, maxLength: 6 });

test('an item is nearer than one that is said to be the nearest', () => {
  fc.assert(
    fc.property(
      fc.array(vector, { minLength: 1, maxLength: 4 }),
      fc.array(vector, { maxLength: 40 }),
      fc.integer({ min: 1, max: 8 }),
      (queries, items, most) => {
        const nearest = new Nearest<number>(
          queries.map((query) => Float32Array.from(query)),
          most,
        );
        for (const [i, item] of items.entries()) nearest.offer(i, Float32Array.from(item));
        for (const [q, query] of queries.entries()) {
          const found = nearest.to(q);
          const scores = items.map((item) => cosine(query, item));
          const best = [...scores].sort((a, b) => b - a).slice(0, most);
          expect(found).toHaveLength(best.length);
          expect(new Set(found).size).toBe(found.length);
          for (const [place, i] of found.entries()) expect(scores[i]).toBeCloseTo(best[place] ?? NaN, 5);
        }
      },
    ),
  );
});

test('of equal items a later one comes first, or a vector without direction or end breaks the order', () => {
  const nearest = new Nearest<string>([Float32Array.of(1, 0)], 3);
  nearest.offer('none', Float32Array.of(0, 0));
  nearest.offer('endless', Float32Array.of(Infinity, 1));
  nearest.offer('first', Float32Array.of(2, 0));
  nearest.offer('second', Float32Array.of(1, 0));
  nearest.offer('against', Float32Array.of(-1, 0));
  expect(nearest.to(0)).toEqual(['first', 'second', 'none']);
});

test('more than what is asked for is kept', () => {
  const nearest = new Nearest<number>([Float32Array.of(1, 0)], 2);
  for (let i = 0; i < 1_000; i++) nearest.offer(i, Float32Array.of(i, 1));
  expect(nearest.to(0)).toEqual([999, 998]);
});
