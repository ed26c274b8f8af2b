import { expect, test } from 'vitest';
import { reportOn } from '../../src/report/index.js';
import type { Sample } from '../../src/report/types.js';
import type { EvaluationState, ExperimentKind, ScoreSummary } from '../../src/run-record.js';

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

const ratings = (values: number[]): Sample[] =>
  values.map((similarity, i) => ({ id: `plain-${i}`, slice: 'generic', scores: { similarity } }));

function report(
  evaluations: EvaluationState[],
  samples: Record<string, Sample[]>,
  slices = [{ type: 'tool-calling' as const, rows: 100 }],
) {
  return reportOn({ model: 'm', target: 0.9, slices, evaluations, samples, seed: 1 });
}

test('94 of 100 is called ready, or the samples that would decide are wrong', () => {
  const { verdict } = report([evaluation('base', score(ARGS, 0.94, 100))], { base: calls(94, 100) });
  // ceil(1.96^2 * 0.94 * 0.06 / 0.04^2) - 100 = 136 - 100
  expect(verdict).toMatchObject({ word: 'undecided', experiment: 'base', furtherSamples: 36 });
  expect(verdict.text).toBe(
    'as it is: agrees with production on 94 % [88, 97] of 100 tool calls; undecided at 90 %: 36 more samples would decide',
  );
});

test('a clear result is undecided', () => {
  const ready = report([evaluation('base', score(ARGS, 1, 100))], { base: calls(100, 100) });
  expect(ready.verdict).toMatchObject({ word: 'ready', furtherSamples: null });
  const poor = report([evaluation('base', score(ARGS, 0.5, 100))], { base: calls(50, 100) });
  expect(poor.verdict).toMatchObject({ word: 'not ready', furtherSamples: null });
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
