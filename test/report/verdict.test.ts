import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportOn } from '../../src/report/index.js';
import { wilson } from '../../src/report/intervals.js';
import type { Sample } from '../../src/report/types.js';
import type { EvaluationState, ExperimentKind, ScoreSummary, WorkloadType } from '../../src/run-record.js';

const ARGS = 'function_name_and_args_accuracy';

const score = (key: string, value: number, n: number, failed = 0): ScoreSummary => ({
  key,
  value,
  n,
  failed,
  interval: null,
  difference: null,
});

const evaluation = (kind: ExperimentKind, ...scores: ScoreSummary[]): EvaluationState => ({
  kind,
  status: 'completed',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:01:00.000Z',
  progress: 100,
  jobId: kind,
  uri: null,
  scores,
  error: null,
});

/** `right` of `n` tool calls right, the first ones. */
const calls = (right: number, n: number, failed = 0): Sample[] =>
  Array.from({ length: n + failed }, (_, i) => ({
    id: `row-${i}`,
    slice: 'tool-calling',
    scores: { [ARGS]: i >= n ? null : Number(i < right) },
  }));

const ratings = (values: (number | null)[]): Sample[] =>
  values.map((similarity, i) => ({ id: `plain-${i}`, slice: 'generic', scores: { similarity } }));

function report(
  evaluations: EvaluationState[],
  samples: Record<string, Sample[]>,
  slices: { type: WorkloadType; rows: number }[] = [{ type: 'tool-calling', rows: 100 }],
) {
  return reportOn({ model: 'm', target: 0.9, slices, evaluations, samples, seed: 1 });
}

test('94 of 100 is called ready, or the samples that would decide are wrong', () => {
  const { verdict } = report([evaluation('base', score(ARGS, 0.94, 100))], { base: calls(94, 100) });
  // ceil(1.96^2 * 0.9 * 0.1 / 0.04^2) - 100 = 217 - 100
  expect(verdict).toMatchObject({ word: 'undecided', experiment: 'base', furtherSamples: 117 });
  expect(verdict.text).toBe(
    'as it is: agrees with production on 94 % [88, 97] of 100 tool calls; undecided at 90 %: 117 more samples would decide',
  );
});

test('a clear result is undecided', () => {
  const ready = report([evaluation('base', score(ARGS, 1, 100))], { base: calls(100, 100) });
  expect(ready.verdict).toMatchObject({ word: 'ready', furtherSamples: null });
  const poor = report([evaluation('base', score(ARGS, 0.5, 100))], { base: calls(50, 100) });
  expect(poor.verdict).toMatchObject({ word: 'not ready', furtherSamples: null });
});

test('so many further samples do not decide, or fewer would', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const right = Math.round(share * n);
      const { verdict } = report([evaluation('base', score(ARGS, right / n, n))], { base: calls(right, n) });
      const decides = (samples: number) => {
        const [low, high] = wilson(right / n, samples);
        return low >= 0.9 || high < 0.9;
      };
      const { word, furtherSamples } = verdict;
      expect(word === 'undecided').toBe(!decides(n));
      if (furtherSamples === null) return;
      expect(decides(n + furtherSamples)).toBe(true);
      expect(decides(n + furtherSamples - 1)).toBe(false);
    }),
  );
});

test('a judge that gives no rating hides what was measured, or its failed samples', () => {
  const slices = [
    { type: 'tool-calling' as const, rows: 100 },
    { type: 'generic' as const, rows: 55 },
  ];
  const unrated = ratings(Array.from({ length: 55 }, () => null));
  const { evaluations, verdict } = report(
    [evaluation('base', score(ARGS, 1, 100), { ...score('similarity', 0, 0, 55), value: null })],
    { base: [...calls(100, 100), ...unrated] },
    slices,
  );
  expect(evaluations[0]?.scores[1]).toMatchObject({ value: null, n: 0, failed: 55, interval: null });
  expect(verdict).toMatchObject({ word: 'undecided', furtherSamples: null });
  expect(verdict.text).toBe(
    'as it is: agrees with production on 100 % [96, 100] of 100 tool calls and none of 55 plain answers could be rated; ' +
      'undecided at 90 %',
  );
  const poor = report(
    [evaluation('base', score(ARGS, 0.2, 100), { ...score('similarity', 0, 0, 55), value: null })],
    { base: [...calls(20, 100), ...unrated] },
    slices,
  );
  expect(poor.verdict.word).toBe('not ready');
});

test.each([[[8]], [[10]], [[9, 9, 9]], [Array.from({ length: 29 }, () => 10)]])(
  'a few ratings decide a verdict: %j',
  (values) => {
    const similarity = score('similarity', 0, 0);
    const { verdict } = report([evaluation('base', similarity)], { base: ratings(values) }, [
      { type: 'generic' as const, rows: values.length },
    ]);
    expect(verdict.word).toBe('undecided');
  },
);

test('what customization changed is not in the verdict', () => {
  const { verdict } = report(
    [evaluation('base', score(ARGS, 0.5, 100)), evaluation('customized', score(ARGS, 0.99, 100))],
    { base: calls(50, 100), customized: calls(99, 100) },
  );
  expect(verdict.text).toMatch(/of 100 tool calls \(\+49 \[\d\d, \d\d\] against base\); ready at 90 %/);
});

test('one good slice hides a poor one', () => {
  const { verdict } = reportOn({
    model: 'm',
    target: 0.9,
    slices: [
      { type: 'tool-calling', rows: 100 },
      { type: 'generic', rows: 60 },
    ],
    evaluations: [evaluation('customized', score(ARGS, 1, 100), score('similarity', 4, 60))],
    samples: {
      customized: [...calls(100, 100), ...ratings(Array.from({ length: 60 }, (_, i) => 3 + (i % 3)))],
    },
    seed: 1,
  });
  expect(verdict.word).toBe('not ready');
  expect(verdict.text).toMatch(
    /and rated 4\.0 of 10 \[3\.\d, 4\.\d\] against production on 60 plain answers/,
  );
});

test('the verdict rests on a worse experiment', () => {
  const { verdict } = report(
    [evaluation('base', score(ARGS, 0.5, 100)), evaluation('customized', score(ARGS, 0.99, 100))],
    { base: calls(50, 100), customized: calls(99, 100) },
  );
  expect(verdict).toMatchObject({ word: 'ready', experiment: 'customized' });
});

test('a failed sample counts as a wrong one, or is not shown', () => {
  const { evaluations, verdict } = report([evaluation('base', score(ARGS, 0, 0))], {
    base: calls(45, 50, 50),
  });
  expect(evaluations[0]?.scores[0]).toMatchObject({ value: 0.9, n: 50, failed: 50 });
  expect(verdict.text).toContain('of 50 tool calls (50 more failed)');
});

test('a difference is not paired, or base is compared with itself', () => {
  const { evaluations } = report(
    [evaluation('base', score(ARGS, 0.5, 100)), evaluation('icl', score(ARGS, 0.7, 80))],
    { base: calls(50, 100), icl: calls(70, 80) },
  );
  expect(evaluations[0]?.scores[0]?.difference).toBeNull();
  // On the 80 rows that both have: base is right on 50, icl on 70.
  expect(evaluations[1]?.scores[0]?.difference).toMatchObject({ value: 0.25, n: 80 });
});

test('scores without samples have no interval, though n suffices for one', () => {
  const { evaluations } = report(
    [evaluation('base', score(ARGS, 0.94, 100), score('similarity', 7, 40))],
    {},
  );
  expect(evaluations[0]?.scores[0]?.interval?.[0]).toBeCloseTo(0.8752, 3);
  expect(evaluations[0]?.scores[1]?.interval).toBeNull();
});

test('a candidate without a result has a verdict', () => {
  const failed = { ...evaluation('base'), status: 'failed' as const };
  expect(report([failed], {}).verdict).toMatchObject({ word: 'no result', experiment: null });
});
