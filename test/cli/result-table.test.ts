import { expect, test } from 'vitest';
import { resultTable } from '../../src/cli/result-table.js';
import { aJob, aNim, anEvaluation } from './job-document.js';

/** An evaluation with all four scores, as a workload with both kinds of rows has them. */
const full = (eval_type: 'base-eval' | 'icl-eval' | 'customized-eval', failed = 0) => {
  const all = <T>(tool: T, plain: T): Record<string, T> => ({
    function_name: tool,
    function_name_and_args_accuracy: tool,
    tool_calling_correctness: tool,
    similarity: plain,
  });
  return anEvaluation({
    eval_type,
    scores: all(0.43, 1.46),
    counts: all(54, 46),
    failed: all(failed, 0),
    intervals: all<[number, number]>([0.31, 0.56], [1, 2]),
  });
};

const aFullJob = (failed = 0) =>
  aJob({
    nims: ['stand-in/tiny-1b', 'meta/llama-3.1-70b-instruct'].map((model_name) =>
      aNim({
        model_name,
        evaluations: [full('base-eval'), full('icl-eval', failed), full('customized-eval')],
      }),
    ),
  });

const widthOf = (table: string) => Math.max(...table.split('\n').map((line) => line.length));

test.each([80, 100, 120])('a table in a terminal of %s columns is wrapped into rubble', (columns) => {
  expect(widthOf(resultTable(aFullJob(), columns))).toBeLessThanOrEqual(columns);
  expect(widthOf(resultTable(aFullJob(1234), columns))).toBeLessThanOrEqual(columns);
});

test.each([80, 100, 120, Infinity])('in %s columns a score stands without its n', (columns) => {
  const table = resultTable(aFullJob(), columns);
  const judged = columns < 120 ? 0 : 6;
  expect(table.match(/0\.43 \[0\.31, 0\.56\] n 54/g)).toHaveLength(12 + judged);
  expect(table.match(/1\.5 \[1\.0, 2\.0\] n 46/g)).toHaveLength(6);
  expect(table.match(/\d\.\d+ /g)).toHaveLength(18 + judged);
});

test('a narrow terminal hides samples that failed', () => {
  expect(resultTable(aFullJob(7), 80).match(/n 54 \(7 failed\)/g)).toHaveLength(6);
});

test('a file gets the table of a terminal', () => {
  const rows = resultTable(aFullJob()).split('\n');
  expect(rows[0]).toMatch(/^candidate +experiment +right function +and arguments +judged right +similarity/);
  expect(rows).toHaveLength(2 + 6);
});

test('a table for 80 columns does not say whose scores are whose', () => {
  expect(resultTable(aFullJob(), 80).split('\n').slice(0, 4)).toEqual([
    'experiment  right function          and arguments           similarity (of 10)',
    '─'.repeat(79),
    'stand-in/tiny-1b',
    'as it is    0.43 [0.31, 0.56] n 54  0.43 [0.31, 0.56] n 54  1.5 [1.0, 2.0] n 46',
  ]);
});

test('a score that no sample has is passed over, with its failed samples', () => {
  const none = anEvaluation({ scores: {}, counts: { function_name: 0 }, failed: { function_name: 55 } });
  expect(resultTable(aJob({ nims: [aNim({ evaluations: [none] })] }))).toMatch(
    /as it is +– n 0 \(55 failed\)$/,
  );
});

test('experiments stand in the order in which they ended', () => {
  const evaluations = (['customized-eval', 'icl-eval', 'base-eval'] as const).map((eval_type) =>
    anEvaluation({ eval_type }),
  );
  const table = resultTable(aJob({ nims: [aNim({ evaluations })] }));
  expect(table.match(/as it is|in-context|customized/g)).toEqual(['as it is', 'in-context', 'customized']);
  expect(table.match(/meta\/small/g)).toHaveLength(1);
});

test('an experiment that failed looks like one that scored nothing', () => {
  const evaluations = [
    anEvaluation(),
    anEvaluation({ eval_type: 'icl-eval', scores: {}, counts: {}, status: 'failed' }),
  ];
  const rows = resultTable(aJob({ nims: [aNim({ evaluations })] })).split('\n');
  expect(rows.at(-1)).toMatch(/in-context +failed$/);
});

test('the columns of the table are not in line', () => {
  const nims = [aNim({ model_name: 'a/b' }), aNim({ model_name: 'a-vendor/a-much-longer-name' })];
  const rows = resultTable(aJob({ nims })).split('\n');
  const starts = [rows[0]?.indexOf('experiment'), rows[2]?.indexOf('as it is'), rows[3]?.indexOf('as it is')];
  expect(new Set(starts).size).toBe(1);
});

test.each([
  ['no candidate', []],
  ['no experiment', [aNim({ evaluations: [] })]],
  ['no score', [aNim({ evaluations: [anEvaluation({ scores: {}, counts: {}, status: 'failed' })] })]],
])('a job with %s has an empty table', (_, nims) => {
  expect(resultTable(aJob({ nims }))).toBe('');
});
