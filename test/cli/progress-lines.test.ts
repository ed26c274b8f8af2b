import { expect, test } from 'vitest';
import { progressLines } from '../../src/cli/progress-lines.js';
import { aJob, aNim, anEvaluation, aTraining } from './job-document.js';

const SIGNS = { waiting: '.', running: '~', done: '+', failed: 'x', cancelled: '#' };
const running = { status: 'running', stage: 'trying-candidates', finished_at: null } as const;

test('a step that waits looks like one that runs, or one that was cancelled like one that failed', () => {
  const evaluations = [
    anEvaluation({ status: 'failed', error: 'no judge' }),
    anEvaluation({ eval_type: 'icl-eval', status: 'cancelled' }),
  ];
  const nim = aNim({ status: 'running-evals', evaluations, customizations: [aTraining()] });
  expect(progressLines(aJob({ ...running, nims: [nim] }), 100, SIGNS)).toEqual([
    '~ job · trying candidates',
    '. datasets',
    '~ meta/small · deployment completed',
    '  x as it is · no judge',
    '  # in-context',
    '  ~ training · epoch 1, step 12, loss 0.75',
    '  . customized',
  ]);
});

test('a long line is broken within a word, or goes on under its sign', () => {
  const scores = { function_name: 0.9, similarity: 6 };
  const nims = [
    aNim({ evaluations: [anEvaluation({ scores, counts: { function_name: 50, similarity: 50 } })] }),
  ];
  const lines = progressLines(aJob({ nims }), 40, SIGNS);
  expect(lines.slice(-3)).toEqual([
    '+ meta/small',
    '  + as it is · right function 0.90 (n',
    '    50), similarity (of 10) 6.00 (n 50)',
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
});
