import {
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { CustomizationResult } from '../activities/contract.js';
import { TRAINING } from '../src/gpu-pool.js';
import type { CandidateState, ExperimentKind } from '../src/run-record.js';
import { candidateCancelled, candidateState, type CandidateInput } from './contract.js';
import { customize, evaluate } from './experiments.js';
import {
  asCancellation,
  CANDIDATE_FAILED,
  causedByCancellation,
  endIfCancelled,
  isGpusDenied,
} from './failures.js';
import { CANCELLED, cancelCandidateState, closeCandidate, firstError } from '../src/run-state.js';
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
    // Also a cancellation that came while GPUs were given back, which nothing interrupts, ends here.
    if (causedByCancellation(error)) return await endCancelled(trial, error);
    throw error;
  }
}

async function tryEveryWay(trial: Trial): Promise<void> {
  await together([() => baseline(trial), () => customization(trial)]);
}

async function baseline(trial: Trial): Promise<void> {
  await letTrainingsAskFirst(trial);
  await withModels(trial, 'baseline', ['base', 'icl'], (kinds, use) =>
    together(kinds.map((kind) => () => evaluate(trial, kind, use))),
  );
}

/** The candidates of a run begin at the same moment: so long may the last of them take to ask for its training. */
const UNTIL_TRAININGS_HAVE_ASKED_MS = 2_000;

/**
 * A training takes longest, and an evaluation waits for it: so the trainings of all candidates of a run stand first in
 * the queue for GPUs. Not for longer where jobs are seldom looked at, since free GPUs would idle.
 */
async function letTrainingsAskFirst(trial: Trial): Promise<void> {
  const { candidate, config } = trial.input;
  if (candidate.customizer === null || trial.servedModels().length === 0) return;
  await sleep(Math.min(config.timing.customizationPollMs, UNTIL_TRAININGS_HAVE_ASKED_MS));
}

/** Training needs neither the judge nor a deployment, so it waits for neither. */
async function customization(trial: Trial): Promise<void> {
  const customized = await train(trial);
  if (customized === null) return;
  await withModels(trial, 'customized', ['customized'], (_, use) =>
    evaluate(trial, 'customized', use, customized.customizedModel),
  );
}

/** Trains on GPUs of its own; null when there is nothing to train, or it failed, which is an outcome. */
async function train(trial: Trial): Promise<CustomizationResult | null> {
  const { customizer } = trial.input.candidate;
  if (customizer === null) return null;
  const needs = { training: customizer.gpus * customizer.numNodes };
  try {
    return await trial.gpus.with(TRAINING, needs, (use) => customize(trial, use));
  } catch (error) {
    if (!isGpusDenied(error)) throw error;
    trial.denied(error, []);
    return null;
  }
}

/**
 * Evaluates while the candidate and its judge are served. One that does not deploy is an outcome: what was measured
 * until then stays, and whatever needs it next tries anew.
 */
async function withModels(
  trial: Trial,
  step: string,
  kinds: readonly ExperimentKind[],
  work: (kinds: readonly ExperimentKind[], use: string | null) => Promise<void>,
): Promise<void> {
  const models = trial.servedModels();
  if (models.length === 0) return await work(kinds, null);
  try {
    await trial.gpus.with(step, { models }, (use) => work(kinds, use));
  } catch (error) {
    if (!isGpusDenied(error)) throw error;
    trial.denied(error, kinds);
  }
}

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
  await endIfCancelled();
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
