import {
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CandidateState } from '../src/run-record.js';
import { candidateCancelled, candidateState, DEPLOYMENT_ACTIVITY, type CandidateInput } from './contract.js';
import { customize, evaluate } from './experiments.js';
import { asCancellation, CANDIDATE_FAILED, causedByCancellation, reasonOf } from './failures.js';
import { sharedModels, type UseModels } from './models.js';
import { CANCELLED, cancelCandidateState, closeCandidate, firstError } from './run-state.js';
import { showStatus } from './search-attributes.js';
import { together } from './together.js';
import { Trial } from './trial.js';

/**
 * Tries one model: as it is, with in-context examples, and after customization. Ends with its state; a candidate
 * without any result fails, with its state in the failure's details.
 */
export async function candidate(input: CandidateInput): Promise<CandidateState> {
  const trial = new Trial(input);
  setHandler(candidateState, () => trial.state);
  trial.show();
  try {
    await tryEveryWay(trial);
    return await conclude(trial);
  } catch (error) {
    // Also a cancellation that came while the model was undeployed, which nothing interrupts, ends here.
    if (causedByCancellation(error)) return await endCancelled(trial, error);
    throw error;
  }
}

/** A model that does not deploy is an outcome: what was measured until then stays. */
async function tryEveryWay(trial: Trial): Promise<void> {
  try {
    const models = servedModels(trial);
    await together([() => baseline(trial, models), () => customization(trial, models)]);
  } catch (error) {
    if (causedByCancellation(error)) throw error;
    trial.state.error = `Error deploying ${trial.model}: ${reasonOf(error)}`;
  }
}

async function baseline(trial: Trial, useModels: UseModels): Promise<void> {
  await useModels(async () => {
    await together([() => evaluate(trial, 'base'), () => evaluate(trial, 'icl')]);
  });
}

/** Training needs neither the judge nor a deployment, so it waits for neither. */
async function customization(trial: Trial, useModels: UseModels): Promise<void> {
  if (trial.input.candidate.customizer === null) return;
  const customized = await customize(trial);
  if (customized === null) return;
  await useModels(async () => {
    await evaluate(trial, 'customized', customized.customizedModel);
  });
}

/** The candidate's own deployment, for as long as a step uses it. The judge is the run's. */
function servedModels(trial: Trial): UseModels {
  const { activities, state } = trial;
  const { deployment } = trial.input.candidate;
  if (deployment.kind === 'external' || isJudge(trial)) return sharedModels(nothing, nothing);
  const open = async () => {
    trial.setDeployment('pending');
    await activities.jobs.deployModel.executeWithOptions(
      { activityId: DEPLOYMENT_ACTIVITY, summary: `deploy ${trial.model}` },
      [{ ...trial.deploymentRef(), deployment, after: trial.judgeDeployment() }],
    );
    trial.setDeployment('ready');
  };
  const close = async () => {
    try {
      await activities.releases.undeployModel.executeWithOptions({ summary: `undeploy ${trial.model}` }, [
        trial.deploymentRef(),
      ]);
      trial.setDeployment('completed');
    } catch (error) {
      state.error ??= `The deployment of ${trial.model} could not be removed: ${reasonOf(error)}`;
    }
  };
  return sharedModels(open, close);
}

/** A candidate that is also the run's judge is served by the judge's deployment. */
const isJudge = ({ input, model }: Trial): boolean => input.config.judge.model === model;

const nothing = () => Promise.resolve();

/** Reports what was measured, and ends. */
async function conclude(trial: Trial): Promise<CandidateState> {
  const { state, activities, input } = trial;
  const report = await activities.reports.reportCandidate.executeWithOptions(
    { summary: `report on ${trial.model}` },
    [
      {
        model: trial.model,
        target: input.config.verdict.target,
        slices: input.datasets.slices,
        evaluations: state.evaluations,
      },
    ],
  );
  state.evaluations = report.evaluations;
  state.verdict = report.verdict;
  closeCandidate(state, new Date().toISOString());
  trial.show();
  showStatus(state.status);
  if (state.status === 'failed')
    throw ApplicationFailure.create({
      type: CANDIDATE_FAILED,
      message: firstError(state) ?? 'no result',
      details: [state],
      nonRetryable: true,
    });
  return state;
}

/** Ends as Cancelled; since that returns nothing, the run is told the state by a signal. */
async function endCancelled(trial: Trial, error: unknown): Promise<never> {
  const { parent } = workflowInfo();
  cancelCandidateState(trial.state, CANCELLED, new Date().toISOString());
  trial.show();
  showStatus('cancelled');
  await CancellationScope.nonCancellable(async () => {
    if (!parent) return;
    // A run that was terminated hears nothing any more.
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(candidateCancelled, trial.state)
      .catch(() => undefined);
  });
  throw asCancellation(error);
}
