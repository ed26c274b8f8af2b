import { expect, test } from 'vitest';
import { lowerBound, serialMakespan, type Costs, type RunSteps } from '../../bench/makespan/bound.js';

const steps = { base: 10, icl: 20, customized: 15, training: 30 };
const oneRun: RunSteps[] = [{ building: 4, candidates: { small: steps } }];
const twoRuns: RunSteps[] = [
  ...oneRun,
  { building: 6, candidates: { small: { ...steps, icl: 40 }, large: { ...steps, training: 100 } } },
];
const costs: Costs = { gpus: 2, judgeGpus: null, deployment: 5, adapter: 2 };

// Reckoned by hand. The chain of a candidate: the longer of its deployment with the slower of its two evaluations, and of
// its training with the adapter and the evaluation that follows.
test.each([
  // 4 + (30 + 2 + 15); 4 + (30 of training + 5 + 20 of the model) / 2.
  ['one candidate', oneRun, costs, 51, 31.5],
  // The deployment takes longer than the training: 4 + (50 + 20); 4 + (30 + 50 + 20) / 2.
  ['a slow deployment', oneRun, { ...costs, deployment: 50 }, 74, 54],
  // 6 + (100 + 2 + 15); 4 + (30 + 30 + 100 + (5 + 40) + (5 + 20)) / 2: a model that two runs share is deployed once.
  ['two runs', twoRuns, costs, 123, 119],
  // The judge has its GPU for the 20 of evaluation beside it, and 5 to be deployed: 4 + (30 + 25 + 25) / 2.
  ['a judge of our own', oneRun, { ...costs, judgeGpus: 1 }, 51, 44],
])('the bound of %s is another one', (_what, runs, given, criticalPath, gpuBound) => {
  expect(lowerBound(runs, given)).toEqual({ criticalPath, gpuBound });
});

test.each([
  // 4 + 5 + the longer of 20 and 30 + 2 + 15.
  ['one candidate', oneRun, costs, 56],
  // 56 + (6 + (5 + 47) + (5 + 117)).
  ['two runs', twoRuns, costs, 236],
  // The judge is deployed while the datasets are built, which is sooner: 5 + 5 + 47.
  ['a judge of our own', oneRun, { ...costs, judgeGpus: 1 }, 57],
])('one step after the other, %s takes another time', (_what, runs, given, seconds) => {
  expect(serialMakespan(runs, given)).toBe(seconds);
});
