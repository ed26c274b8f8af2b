import { expect, test } from 'vitest';
import { allSteps, candidateProgress, datasetsStep, jobStep } from '../../src/cli/progress.js';
import { aJob, aNim, anEvaluation, aTraining } from './job-document.js';

const funnel = {
  read: 110,
  rejected: [
    { reason: 'no answer', count: 4, examples: [] },
    { reason: 'no request', count: 1, examples: [] },
  ],
  duplicates: 6,
  conflicts: 1,
  beyond_limit: 0,
  evaluation: 20,
  training: 72,
  validation: 8,
  conversations: 50,
  shared_conversations: 0,
  seed: 7,
};

const stepOf = (nim: Parameters<typeof candidateProgress>[0], key: string) =>
  candidateProgress(nim).steps.find((step) => step.key === key);

test('records that were left out are missing from the line on datasets', () => {
  expect(datasetsStep(aJob({ funnel }))).toMatchObject({
    state: 'done',
    detail:
      '110 records read (5 rejected, 6 duplicates): 20 to evaluate, 72 to train, 8 to validate, from 50 conversations',
  });
});

test('datasets that could not be built are shown as still waiting', () => {
  const job = aJob({ status: 'failed', error: 'only 3 records' });
  expect(datasetsStep(job)).toMatchObject({ state: 'failed', detail: 'only 3 records' });
});

test.each([
  ['running', 'cancelling', 'running', 'cancelling'],
  ['completed', 'finished', 'done', 'completed'],
  ['cancelled', 'finished', 'failed', 'cancelled'],
] as const)('a job that is %s and %s is shown otherwise', (status, stage, state, detail) => {
  expect(jobStep(aJob({ status, stage }))).toMatchObject({ state, detail });
});

test('a finished experiment shows a score without its n', () => {
  expect(stepOf(aNim(), 'base-eval')).toMatchObject({ state: 'done', detail: 'right function 0.90 (n 50)' });
});

test('a running training shows neither epoch nor loss', () => {
  const nim = aNim({ status: 'running-evals', customizations: [aTraining()] });
  expect(stepOf(nim, 'customization')).toMatchObject({
    state: 'running',
    detail: 'epoch 1, step 12, loss 0.75',
  });
});

test('a failed experiment does not say why', () => {
  const evaluations = [anEvaluation({ status: 'failed', error: 'the judge is gone', scores: {} })];
  expect(stepOf(aNim({ evaluations }), 'base-eval')).toMatchObject({
    state: 'failed',
    detail: 'the judge is gone',
  });
});

test('an experiment that never began waits for ever once its candidate has ended', () => {
  expect(stepOf(aNim({ status: 'failed' }), 'customized-eval')).toMatchObject({
    state: 'failed',
    detail: 'not run',
  });
  expect(stepOf(aNim({ status: 'running-evals' }), 'customized-eval')).toMatchObject({ state: 'waiting' });
});

test('two candidates share a line', () => {
  const steps = allSteps(aJob({ nims: [aNim(), aNim({ model_name: 'meta/other' })] }));
  expect(new Set(steps.map(({ key }) => key)).size).toBe(2 + 2 * 5);
  expect(steps.map(({ title }) => title)).toContain('meta/other training');
});
