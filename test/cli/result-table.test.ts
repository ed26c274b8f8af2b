import { expect, test } from 'vitest';
import { resultTable, verdictLines } from '../../src/cli/result-table.js';
import { aJob, aNim, anEvaluation } from './job-document.js';

test('a score stands in the table without its interval, its n or its failures', () => {
  const lossy = anEvaluation({ failed: { function_name: 7 } });
  expect(resultTable(aJob({ nims: [aNim({ evaluations: [lossy] })] }))).toContain(
    '0.90 [0.79, 0.96] n 50 (7 failed)',
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

test('a job without any candidate to show breaks the table', () => {
  expect(resultTable(aJob({ nims: [] }))).toMatch(/^candidate {2}experiment\n─+$/);
});

test('a candidate without a verdict has no line that says why', () => {
  const verdict = {
    word: 'ready',
    experiment: 'base',
    target: 0.9,
    further_samples: null,
    text: 'ready at 90 %',
  } as const;
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
