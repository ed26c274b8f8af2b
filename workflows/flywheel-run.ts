import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  log,
  ParentClosePolicy,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { BuiltDatasets } from '../activities/contract.js';
import type { CandidateConfig } from '../src/config/run-config.js';
import { withJudgeSeen, type CandidateState, type RunRequest } from '../src/run-record.js';
import { keyword } from '../src/search-attributes.js';
import type { candidate } from './candidate.js';
import {
  CANDIDATE,
  cancel,
  cancelCandidate,
  candidateCancelled,
  candidateWorkflowId,
  runState,
  type RunResult,
} from './contract.js';
import {
  asCancellation,
  CANDIDATE_FAILED,
  causedByCancellation,
  endIfCancelled,
  failureDetails,
  reasonOf,
} from './failures.js';
import { withEmbeddingModel } from './embedding-model.js';
import {
  cancelCandidateState,
  cancelOpenCandidates,
  failOpenCandidates,
  hasResult,
  noResultMessage,
} from '../src/run-state.js';
import { Run } from './run.js';

/**
 * One turn of the flywheel: build the datasets, try every candidate at once, report. A candidate that fails is an
 * outcome; datasets that cannot be built, an embedding model that does not deploy, or no result at all are a failure
 * of the run.
 */
export async function flywheelRun(input: RunRequest): Promise<RunResult> {
  const run = openRun(input);
  try {
    await run.enter('building-datasets');
    const datasets = await withEmbeddingModel(run, () => buildDatasets(run));
    await run.enter('trying-candidates');
    await tryCandidates(run, datasets);
    await compareWithEarlier(run);
    await endIfCancelled();
    return await complete(run);
  } catch (error) {
    throw await endWithout(run, error);
  } finally {
    await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  }
}

/** Answers queries and listens for signals from the first moment. */
function openRun(input: RunRequest): Run {
  const run = new Run(input);
  setHandler(runState, () => run.record);
  setHandler(candidateCancelled, (state) => setCandidate(run, state));
  setHandler(cancelCandidate, (model) => run.cancelCandidate(model));
  // A workflow cannot cancel itself, only be cancelled: so the signal asks for that from outside.
  setHandler(cancel, () => CancellationScope.nonCancellable(() => requestCancellation(run)));
  void CancellationScope.current().cancelRequested.catch(() =>
    // What cannot be recorded is no reason not to stop.
    CancellationScope.nonCancellable(() => run.enter('cancelling')).catch((error: unknown) =>
      log.warn(`Not recorded as cancelling: ${reasonOf(error)}`),
    ),
  );
  return run;
}

/** A signal that comes to nothing must not end the run with its jobs still running. */
async function requestCancellation({ activities }: Run): Promise<void> {
  const { workflowId } = workflowInfo();
  const summary = 'turn the signal into a cancellation';
  try {
    await activities.quick.requestCancellation.executeWithOptions({ summary }, [{ workflowId }]);
  } catch (error) {
    log.warn(`The signal \`cancel\` came to nothing: ${reasonOf(error)}`);
  }
}

async function buildDatasets(run: Run): Promise<BuiltDatasets> {
  const { runId, workloadId, clientId, config } = run.input;
  const { namespace, split, icl, evaluation } = config;
  const built = await run.activities.transfers.buildDatasets.executeWithOptions(
    { summary: `build datasets from ${clientId} / ${workloadId}` },
    [{ runId, workloadId, clientId, namespace, split, icl, evaluation }],
  );
  Object.assign(run.record, {
    datasets: [built.evaluation, built.inContext, built.training],
    numRecords: built.funnel.evaluation + built.funnel.training + built.funnel.validation,
    workloadType: built.workloadType,
    funnel: built.funnel,
    readingBeganAt: built.readingBeganAt,
    warnings: [...run.record.warnings, ...built.warnings],
  });
  return built;
}

/** Starts a child for each candidate at once and waits for all; each end is recorded as it comes. */
async function tryCandidates(run: Run, datasets: BuiltDatasets): Promise<void> {
  const { candidates } = run.input.config;
  const outcomes = await Promise.allSettled(candidates.map((config) => tryCandidate(run, datasets, config)));
  const cancelled = outcomes.find((outcome) => outcome.status === 'rejected');
  if (cancelled) throw cancelled.reason;
}

/** A run that repeats another says what has changed since. */
async function compareWithEarlier(run: Run): Promise<void> {
  const { compareWith } = run.input;
  if (compareWith === undefined) return;
  try {
    run.record.comparison = await run.activities.quick.compareWithRun.executeWithOptions(
      { summary: `compare with run ${compareWith}` },
      [{ runId: compareWith, candidates: run.record.candidates }],
    );
  } catch (error) {
    if (causedByCancellation(error)) throw error;
    run.record.warnings.push(`Not compared with job ${compareWith}: ${reasonOf(error)}`);
  }
}

/** Tries one candidate to its end, whatever that is; rejects only if the run itself is cancelled. */
async function tryCandidate(run: Run, datasets: BuiltDatasets, config: CandidateConfig): Promise<void> {
  const scope = run.scopeOf(config.model);
  try {
    setCandidate(run, await scope.run(() => runChild(run, datasets, config)));
  } catch (error) {
    setCandidate(run, outcomeOf(run, config.model, error));
    if (CancellationScope.current().consideredCancelled) throw asCancellation(error);
  }
  await run.keep();
}

async function runChild(run: Run, datasets: BuiltDatasets, config: CandidateConfig): Promise<CandidateState> {
  const { runId, workloadId, clientId } = run.input;
  const child = await startChild<typeof candidate>(CANDIDATE, {
    workflowId: candidateWorkflowId(runId, config.model),
    args: [{ runId, workloadId, clientId, candidate: config, datasets, config: run.input.config }],
    // A run that is terminated still lets its candidates stop their jobs and undeploy.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    typedSearchAttributes: [
      keyword('FlywheelWorkloadId', workloadId),
      keyword('FlywheelClientId', clientId),
      keyword('FlywheelModel', config.model),
      keyword('FlywheelStatus', 'running'),
    ],
    staticSummary: `${config.model} for ${clientId} / ${workloadId}`,
  });
  const startedAt = new Date().toISOString();
  setCandidate(run, { ...candidateOf(run, config.model), status: 'running-evals', startedAt });
  return await child.result();
}

/** A candidate that did not return its state: it carried it in its failure, sent it before, or was terminated. */
function outcomeOf(run: Run, model: string, error: unknown): CandidateState {
  const carried = failureDetails<CandidateState>(error, CANDIDATE_FAILED);
  if (carried) return carried;
  const state = candidateOf(run, model);
  if (state.finishedAt !== null) return state;
  cancelCandidateState(state, reasonOf(error), new Date().toISOString());
  return causedByCancellation(error) ? state : { ...state, status: 'failed', deploymentStatus: 'failed' };
}

async function complete(run: Run): Promise<RunResult> {
  const { candidates } = run.record;
  if (!candidates.some(hasResult))
    throw ApplicationFailure.nonRetryable(noResultMessage(candidates), NO_RESULT);
  run.record.status = 'completed';
  await run.finish();
  return {
    status: 'completed',
    verdicts: candidates.map(({ model, verdict, error }) => ({
      model,
      verdict: verdict?.text ?? error ?? '',
    })),
  };
}

/** Records a cancellation or a failure; returns what the workflow ends with. */
async function endWithout(run: Run, error: unknown): Promise<unknown> {
  const cancelled = causedByCancellation(error);
  const reason = cancelled ? 'Job cancelled by user' : reasonOf(error);
  const now = new Date().toISOString();
  if (cancelled) cancelOpenCandidates(run.record, 'Flywheel run cancelled', now);
  // Without a result all candidates have ended, each for its own reason.
  else if (!hasNoResult(error)) failOpenCandidates(run.record, reason, now);
  Object.assign(run.record, { status: cancelled ? 'cancelled' : 'failed', error: reason });
  await run.finish();
  return cancelled ? asCancellation(error) : error;
}

const candidateOf = (run: Run, model: string): CandidateState => {
  const found = run.record.candidates.find((state) => state.model === model);
  if (!found) throw new Error(`${model} is not a candidate of this run`);
  return found;
};

const setCandidate = (run: Run, state: CandidateState): void => {
  run.record.candidates = run.record.candidates.map((known) => (known.model === state.model ? state : known));
  run.record.judge = withJudgeSeen(run.record).judge;
  run.show();
};

/** Type of the failure of a run that no candidate gave a result. */
const NO_RESULT = 'NoResult';
const hasNoResult = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === NO_RESULT;
