import { ApplicationFailure, CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { DeployModelInput } from '../activities/contract.js';
import type { DeploymentStatus } from '../src/run-record.js';
import { causedByCancellation, reasonOf } from './failures.js';
import type { Run } from './run.js';
import { together } from './together.js';

/**
 * Runs a step with the run's own judge deployed beside it. The step begins at once, since training needs no judge; a
 * judge that does not deploy cancels it. The deployment is removed whatever happened.
 */
export async function withJudge(run: Run, step: () => Promise<void>): Promise<void> {
  const judge = judgeDeployment(run);
  if (judge === null) return await step();
  try {
    await together([() => deployJudge(run, judge), step]);
  } finally {
    await CancellationScope.nonCancellable(() => undeployJudge(run, judge));
  }
}

/** What to deploy; null for a judge that others serve. */
function judgeDeployment(run: Run): DeployModelInput | null {
  const { config } = run.input;
  const { model, deployment } = config.judge;
  if (deployment.kind === 'external') return null;
  return {
    namespace: config.namespace,
    model,
    deployment,
    holder: workflowInfo().workflowId,
    after: null,
    patience: { pollMs: config.timing.deploymentPollMs, stallMs: config.timing.deploymentStallMs },
  };
}

async function deployJudge(run: Run, judge: DeployModelInput): Promise<void> {
  setStatus(run, 'pending');
  try {
    await run.activities.jobs.deployModel.executeWithOptions({ summary: `deploy the judge ${judge.model}` }, [
      judge,
    ]);
  } catch (error) {
    if (causedByCancellation(error)) throw error;
    const message = `Error deploying the judge ${judge.model}: ${reasonOf(error)}`;
    setStatus(run, 'failed', message);
    throw ApplicationFailure.nonRetryable(message, 'JudgeFailed');
  }
  setStatus(run, 'ready');
}

async function undeployJudge(
  run: Run,
  { namespace, model, holder, patience }: DeployModelInput,
): Promise<void> {
  try {
    await run.activities.releases.undeployModel.executeWithOptions(
      { summary: `undeploy the judge ${model}` },
      [{ namespace, model, holder, patience }],
    );
    if (run.record.judge?.deploymentStatus === 'ready') setStatus(run, 'completed');
  } catch (error) {
    run.record.warnings.push(`The deployment of the judge ${model} could not be removed: ${reasonOf(error)}`);
  }
}

function setStatus(run: Run, deploymentStatus: DeploymentStatus, error: string | null = null): void {
  const judge = run.record.judge;
  if (judge !== null) Object.assign(judge, { deploymentStatus, error });
  run.show();
}
