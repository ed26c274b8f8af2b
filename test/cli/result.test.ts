import { expect, test } from 'vitest';
import { resultLines, verdictLines } from '../../src/cli/result.js';
import { aJob, aNim } from './job-document.js';

const verdict = {
  word: 'ready',
  experiment: 'base',
  target: 0.9,
  further_samples: null,
  text: 'ready at 90 %',
} as const;

test('a candidate without a verdict has no line that says why', () => {
  const nims = [
    aNim({ verdict }),
    aNim({ model_name: 'meta/broken', error: 'no GPU was free' }),
    aNim({ model_name: 'meta/silent' }),
  ];
  expect(verdictLines(aJob({ nims }))).toEqual([
    'meta/small: ready at 90 %',
    'meta/broken: no GPU was free',
    'meta/silent: no result',
  ]);
});

test.each([
  ['failed', 'only 3 records'],
  ['cancelled', 'told to'],
] as const)('a job that %s has an empty table, or says why once more for each candidate', (status, error) => {
  const nims = [aNim({ status, error, evaluations: [] })];
  expect(resultLines(aJob({ status, error, nims }))).toEqual([]);
});

test('what a job warns of is not shown with its result', () => {
  expect(resultLines(aJob({ warnings: ['few conversations'] })).at(-1)).toBe('Warning: few conversations');
});

test('a verdict is broken within a word', () => {
  const nims = [aNim({ verdict: { ...verdict, text: 'agrees with production on 94 % of tool calls' } })];
  expect(resultLines(aJob({ nims }), 40).at(-1)).toBe(
    'meta/small: agrees with production on 94\n% of tool calls',
  );
});
