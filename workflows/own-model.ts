import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { DeployModelInput } from '../activities/contract.js';
import type { Deployment } from '../src/config/run-config.js';
import type { DeploymentStatus } from '../src/run-record.js';
import { causedByCancellation, reasonOf } from './failures.js';
import type { Run } from './run.js';

/** A model that a run deploys for itself, beside its candidates. */
export interface OwnModel extends DeployModelInput {
  role: 'judge' | 'embedding model';
}

/** What to deploy; null for a model that others serve. */
export function ownModel(
  run: Run,
  role: OwnModel['role'],
  model: string,
  deployment: Deployment,
): OwnModel | null {
  const { namespace, timing } = run.input.config;
  if (deployment.kind === 'external') return null;
  return {
    role,
    namespace,
    model,
    deployment,
    holder: workflowInfo().workflowId,
    after: null,
    patience: { pollMs: timing.deploymentPollMs, stallMs: timing.deploymentStallMs },
  };
}

export async function deployOwn(run: Run, { role, ...input }: OwnModel): Promise<void> {
  const { model } = input;
  setStatus(run, role, 'pending');
  try {
    await run.activities.jobs.deployModel.executeWithOptions({ summary: `deploy the ${role} ${model}` }, [
      input,
    ]);
  } catch (error) {
    if (causedByCancellation(error)) throw error;
    const message = `Error deploying the ${role} ${model}: ${reasonOf(error)}`;
    setStatus(run, role, 'failed', message);
    throw ApplicationFailure.nonRetryable(message, role === 'judge' ? 'JudgeFailed' : 'EmbeddingModelFailed');
  }
  setStatus(run, role, 'ready');
}

/** A deployment that cannot be removed is a warning of the run: somebody has to see to it. */
export async function undeployOwn(
  run: Run,
  { role, namespace, model, holder, patience }: OwnModel,
): Promise<void> {
  try {
    await run.activities.releases.undeployModel.executeWithOptions(
      { summary: `undeploy the ${role} ${model}` },
      [{ namespace, model, holder, patience }],
    );
    if (stateOf(run, role)?.deploymentStatus === 'ready') setStatus(run, role, 'completed');
  } catch (error) {
    run.record.warnings.push(
      `The deployment of the ${role} ${model} could not be removed: ${reasonOf(error)}`,
    );
  }
}

const stateOf = ({ record }: Run, role: OwnModel['role']) =>
  role === 'judge' ? record.judge : record.embeddingModel;

function setStatus(
  run: Run,
  role: OwnModel['role'],
  deploymentStatus: DeploymentStatus,
  error: string | null = null,
): void {
  const state = stateOf(run, role);
  if (state !== null) Object.assign(state, { deploymentStatus, error });
  run.show();
}
