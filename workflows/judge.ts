import { CancellationScope } from '@temporalio/workflow';
import { deployOwn, ownModel, undeployOwn } from './own-model.js';
import type { Run } from './run.js';
import { together } from './together.js';

/**
 * Runs a step with the run's own judge deployed beside it. The step begins at once, since training needs no judge; a
 * judge that does not deploy cancels it. The deployment is removed whatever happened.
 */
export async function withJudge(run: Run, step: () => Promise<void>): Promise<void> {
  const { model, deployment } = run.input.config.judge;
  const judge = ownModel(run, 'judge', model, deployment);
  if (judge === null) return await step();
  try {
    await together([() => deployOwn(run, judge), step]);
  } finally {
    await CancellationScope.nonCancellable(() => undeployOwn(run, judge));
  }
}
