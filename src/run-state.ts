import type {
  CandidateState,
  CustomizationState,
  EvaluationState,
  ExperimentKind,
  RunRecord,
} from './run-record.js';

// Pure: how the steps of a candidate begin, and how candidates and runs end.

export const newEvaluation = (kind: ExperimentKind, startedAt: string): EvaluationState => ({
  kind,
  status: 'running',
  startedAt,
  finishedAt: null,
  progress: 0,
  jobId: null,
  uri: null,
  scores: [],
  error: null,
});

export const newCustomization = (startedAt: string): CustomizationState => ({
  status: 'running',
  startedAt,
  finishedAt: null,
  progress: 0,
  epochsCompleted: 0,
  stepsCompleted: 0,
  trainLoss: null,
  validationLoss: null,
  jobId: null,
  uri: null,
  customizedModel: null,
  error: null,
});

/** A step that ended without a result, as the blueprint shows it: progress 0 and the reason. */
export const endedWithout = (status: 'failed' | 'cancelled', error: string, finishedAt: string) => ({
  status,
  progress: 0,
  finishedAt,
  error,
});

export const hasResult = (candidate: CandidateState): boolean =>
  candidate.evaluations.some((evaluation) => evaluation.status === 'completed');

/** Why a run with no usable result failed: each candidate's first error. */
export function noResultMessage(candidates: readonly CandidateState[]): string {
  const reasons = candidates.map(({ model, error }) => `${model}: ${error ?? 'no evaluation completed'}`);
  return `No candidate produced a result. ${reasons.join('; ')}`;
}

/** The first thing that went wrong in a candidate; null when nothing did. */
export const firstError = ({ error, customization, evaluations }: CandidateState): string | null =>
  error ?? customization?.error ?? evaluations.find((evaluation) => evaluation.error !== null)?.error ?? null;

/** The end of a candidate: completed when at least one experiment has a result. */
export function closeCandidate(state: CandidateState, finishedAt: string): void {
  const completed = hasResult(state);
  if (!completed) {
    state.error = firstError(state) ?? 'no evaluation completed';
    // Whoever shows verdicts alone, one line for each candidate, shows the reason too.
    if (state.verdict) state.verdict = { ...state.verdict, text: `no result: ${state.error}` };
  }
  endRunningSteps(state, state.error ?? 'stopped', finishedAt);
  state.status = completed ? 'completed' : 'failed';
  state.deploymentStatus = completed ? 'completed' : 'failed';
  state.finishedAt = finishedAt;
}

/** Why a cancelled candidate ended, as far as it knows itself; its run may know more. */
export const CANCELLED = 'Cancelled';

/** The end of a candidate that was told to stop: what had completed stays, what ran is marked. */
export function cancelCandidateState(state: CandidateState, reason: string, finishedAt: string): void {
  endRunningSteps(state, reason, finishedAt);
  state.status = 'cancelled';
  state.deploymentStatus = 'cancelled';
  state.error ??= reason;
  state.finishedAt = finishedAt;
}

/** A candidate and its steps that only know that they were cancelled get the reason. */
function explainCancelled(state: CandidateState, reason: string): void {
  const { evaluations, customization } = state;
  for (const step of [state, ...evaluations, ...(customization ? [customization] : [])])
    if (step.error === CANCELLED) step.error = reason;
}

function endRunningSteps({ evaluations, customization }: CandidateState, reason: string, finishedAt: string) {
  for (const step of [...evaluations, ...(customization ? [customization] : [])])
    if (step.status === 'running') Object.assign(step, endedWithout('cancelled', reason, finishedAt));
}

/** Candidates that a failure of the run took with it: those that had not ended, and those it cancelled. */
export function failOpenCandidates(run: RunRecord, reason: string, finishedAt: string): void {
  for (const state of run.candidates) {
    if (state.finishedAt !== null && state.status !== 'cancelled') continue;
    endRunningSteps(state, reason, finishedAt);
    explainCancelled(state, reason);
    Object.assign(state, { status: 'failed', deploymentStatus: 'failed', error: reason, finishedAt });
  }
}

/** Candidates of a cancelled run, also those that it reached before they could say how far they were. */
export function cancelOpenCandidates(run: RunRecord, reason: string, finishedAt: string): void {
  for (const state of run.candidates) {
    if (state.finishedAt === null) cancelCandidateState(state, reason, finishedAt);
    explainCancelled(state, reason);
  }
}

/**
 * The record of a run whose workflow is closed or gone without recording that, as after `temporal workflow terminate`.
 * `seen`: the run as it was last seen; its record may tell less of candidates that had not ended.
 */
export function closedRun(
  record: RunRecord,
  reason: string,
  closedAt: Date,
  seen: RunRecord | null = null,
): RunRecord {
  const finishedAt = closedAt.toISOString();
  const lastSeen = (known: CandidateState): CandidateState =>
    (known.finishedAt === null && seen?.candidates.find(({ model }) => model === known.model)) || known;
  const run: RunRecord = {
    ...record,
    candidates: structuredClone(record.candidates.map(lastSeen)),
    status: 'failed',
    stage: 'finished',
    finishedAt,
    error: record.error ?? reason,
  };
  failOpenCandidates(run, reason, finishedAt);
  return run;
}

/** Why a run is closed whose workflow has ended that way. */
export const endedUnrecorded = (how: string): string =>
  `The workflow of this job has ended as ${how} without finishing the job.`;
