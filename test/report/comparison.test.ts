import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CandidateState, ScoreSummary } from '../../src/run-record.js';
import { newCandidateState } from '../../src/run-record.js';
import { compareCandidates, differenceInterval } from '../../src/report/comparison.js';
import { wilson } from '../../src/report/intervals.js';

const proportion = (successes: number, n: number) => ({
  value: successes / n,
  interval: wilson(successes / n, n),
});

// Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10 (score, without continuity correction).
test.each([
  [56, 70, 48, 80, 0.0524, 0.3339],
  [9, 10, 3, 10, 0.1705, 0.809],
])('the interval of %i/%i - %i/%i is not the published one', (a, m, b, n, low, high) => {
  const [from, to] = differenceInterval(proportion(b, n), proportion(a, m))!;
  expect(from).toBeCloseTo(low, 4);
  expect(to).toBeCloseTo(high, 4);
});

const counted = fc
  .integer({ min: 1, max: 300 })
  .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));

test('an interval of a difference misses it, leaves [-1, 1], or is another the other way round', () => {
  fc.assert(
    fc.property(counted, counted, (before, now) => {
      const [a, b] = [proportion(...before), proportion(...now)];
      const [low, high] = differenceInterval(a, b)!;
      expect(low).toBeLessThanOrEqual(b.value - a.value + 1e-12);
      expect(high).toBeGreaterThanOrEqual(b.value - a.value - 1e-12);
      expect(low).toBeGreaterThanOrEqual(-1 - 1e-9);
      expect(high).toBeLessThanOrEqual(1 + 1e-9);
      const [from, to] = differenceInterval(b, a)!;
      expect([-to, -from]).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)]);
    }),
  );
});

const score = (key: string, value: number | null, changes: Partial<ScoreSummary> = {}): ScoreSummary => ({
  key,
  value,
  n: 10,
  failed: 0,
  difference: null,
  interval: value === null ? null : wilson(value, 10),
  ...changes,
});

function candidate(model: string, scores: ScoreSummary[]): CandidateState {
  const evaluation = {
    kind: 'base',
    status: 'completed',
    startedAt: '',
    finishedAt: '',
    progress: 100,
  } as const;
  return {
    ...newCandidateState(model),
    evaluations: [{ ...evaluation, jobId: 'eval-1', uri: '', scores, error: null }],
  };
}

test('what only one of two runs has is compared, or what both have is not', () => {
  const before = [
    candidate('a', [score('function_name', 0.5), score('similarity', 4), score('lost', 0.1)]),
    candidate('gone', [score('function_name', 0.5)]),
    candidate('mute', [score('function_name', null)]),
  ];
  const now = [
    candidate('a', [
      score('function_name', 0.9),
      score('similarity', 6, { n: 7, interval: null }),
      score('fresh', 0.3),
    ]),
    candidate('mute', [score('function_name', 0.5)]),
    candidate('new', [score('function_name', 0.5)]),
  ];
  expect(compareCandidates(before, now)).toEqual([
    {
      model: 'a',
      experiments: [
        {
          kind: 'base',
          scores: [
            {
              key: 'function_name',
              before: { value: 0.5, n: 10 },
              now: { value: 0.9, n: 10 },
              change: {
                value: expect.closeTo(0.4, 12),
                interval: [expect.any(Number), expect.any(Number)],
              },
            },
            {
              key: 'similarity',
              before: { value: 4, n: 10 },
              now: { value: 6, n: 7 },
              change: { value: 2, interval: null },
            },
          ],
        },
      ],
    },
  ]);
});
