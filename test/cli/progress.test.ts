import { expect, test } from 'vitest';
import { candidateProgress, datasetsStep, jobStep, progressOf } from '../../src/cli/progress.js';
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
  untrained: [],
  conversations: 50,
  near_duplicates: null,
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

test('records that are not trained on vanish from the line on datasets', () => {
  const untrained = [
    { reason: 'low', count: 2 },
    { reason: 'none', count: 3 },
  ];
  expect(datasetsStep(aJob({ funnel: { ...funnel, untrained } })).detail).toContain(
    '5 not to train on): 20 to',
  );
});

test.each(['failed', 'cancelled'] as const)(
  'datasets of a job that has %s are shown as still waiting',
  (status) => {
    expect(datasetsStep(aJob({ status }))).toMatchObject({ state: status });
  },
);

test.each([
  ['pending', 'queued', 'waiting', 'queued'],
  ['running', 'cancelling', 'running', 'cancelling'],
  ['completed', 'finished', 'done', ''],
  ['cancelled', 'finished', 'cancelled', ''],
  ['failed', 'finished', 'failed', ''],
] as const)('a job that is %s and %s is shown otherwise', (status, stage, state, detail) => {
  expect(jobStep(aJob({ status, stage, error: 'a reason' }))).toMatchObject({ state, detail });
});

test('a job that failed before its candidates began says its reason again for each of their steps', () => {
  const error = 'only 3 records';
  const nims = [aNim({ status: 'failed', error, evaluations: [] })];
  const lines = progressOf(aJob({ status: 'failed', error, nims }));
  expect(lines.map(({ title, state, detail }) => `${title} ${state}${detail}`)).toEqual([
    'job failed',
    'datasets failed',
  ]);
});

test('a job that was cancelled shows its candidates as failed', () => {
  const begun = [
    anEvaluation(),
    anEvaluation({ eval_type: 'icl-eval', status: 'cancelled', error: 'told to' }),
  ];
  const nims = [
    aNim({ status: 'cancelled', error: 'told to', evaluations: begun }),
    aNim({ status: 'cancelled', error: 'told to', evaluations: [] }),
  ];
  const [, , candidate, ...more] = progressOf(aJob({ status: 'cancelled', nims }));
  expect(candidate).toMatchObject({ state: 'cancelled', detail: '' });
  expect(candidate?.steps.map(({ state, detail }) => [state, detail])).toEqual([
    ['done', 'right function 0.90 (n 50)'],
    ['cancelled', ''],
  ]);
  expect(more).toEqual([]);
});

test('a candidate that could not be deployed is not shown with its reason', () => {
  const nims = [aNim(), aNim({ status: 'failed', error: 'no GPU was free', evaluations: [] })];
  const failed = { state: 'failed', detail: 'no GPU was free', steps: [] };
  expect(progressOf(aJob({ nims })).at(-1)).toMatchObject(failed);
  expect(progressOf(aJob({ nims, status: 'failed', error: 'No result.' })).at(-1)).toMatchObject(failed);
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

test('a failed experiment does not say why, or its candidate says so too', () => {
  const evaluations = [anEvaluation({ status: 'failed', error: 'the judge is gone', scores: {} })];
  const nim = aNim({ evaluations, status: 'failed', error: 'the judge is gone' });
  expect(candidateProgress(nim)).toMatchObject({ state: 'failed', detail: '' });
  expect(stepOf(nim, 'base-eval')).toMatchObject({ state: 'failed', detail: 'the judge is gone' });
});

test('an experiment that never began waits for ever, or has failed, once its candidate has ended', () => {
  expect(stepOf(aNim({ status: 'failed' }), 'customized-eval')).toBeUndefined();
  expect(stepOf(aNim({ status: 'running-evals' }), 'customized-eval')).toMatchObject({ state: 'waiting' });
});
