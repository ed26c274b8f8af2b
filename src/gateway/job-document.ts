import {
  type CandidateState,
  type CustomizationState,
  type DatasetRef,
  type EvaluationState,
  EXPERIMENT_KINDS,
  type Funnel,
  type OwnModelState,
  type RunComparison,
  type RunRecord,
  type ScoreChange,
  type ScoreSummary,
  type Verdict,
  type WorkloadType,
} from '../run-record.js';
import type { ListedRun } from '../stores/run-store.js';
import type {
  JobComparison,
  JobCustomization,
  JobDataset,
  JobDetail,
  JobEvaluation,
  JobFunnel,
  JobOwnModel,
  JobListItem,
  JobNim,
  JobScoreChange,
  JobVerdict,
  JobWorkloadType,
} from './wire.js';

/** The document of `GET /api/jobs/{id}`; what runs has a runtime until `now` (epoch milliseconds). */
export function toJobDetail(run: RunRecord, now: number): JobDetail {
  // As in the blueprint, judge and candidates appear when the run begins.
  const begun = run.stage !== 'queued';
  return {
    ...toHead(run),
    num_records: run.numRecords,
    llm_judge: begun && run.judge ? toOwnModel(run.judge) : null,
    nims: begun ? run.candidates.map((candidate) => toNim(candidate, now)) : [],
    datasets: run.datasets.map(toDataset),
    error: run.error,
    stage: run.stage,
    workload_type: run.workloadType && toWorkloadType(run.workloadType),
    warnings: run.warnings,
    funnel: run.funnel && toFunnel(run.funnel),
    embedding_model: begun && run.embeddingModel ? toOwnModel(run.embeddingModel) : null,
    ...(run.comparison && { comparison: toComparison(run.comparison) }),
  };
}

/** An entry of `GET /api/jobs`. */
export const toJobListItem = (run: ListedRun): JobListItem => ({
  ...toHead(run),
  datasets: run.datasets.map(toDataset),
  error: run.error,
  stage: run.stage,
});

const toHead = (run: ListedRun) => ({
  id: run.runId,
  workload_id: run.workloadId,
  client_id: run.clientId,
  status: run.status,
  started_at: naiveUtc(run.startedAt),
  finished_at: optionalUtc(run.finishedAt),
});

/** UTC without a zone: no fraction when it is zero, else six digits; of an ISO text or epoch ms. */
export function naiveUtc(moment: string | number | Date): string {
  const [seconds = '', fraction = ''] = new Date(moment).toISOString().slice(0, -1).split('.');
  return Number(fraction) === 0 ? seconds : `${seconds}.${fraction.padEnd(6, '0')}`;
}

const optionalUtc = (iso: string | null): string | null => (iso === null ? null : naiveUtc(iso));

const toDataset = ({ name, numRecords, filesUrl }: DatasetRef): JobDataset => ({
  name,
  num_records: numRecords,
  nmp_uri: filesUrl,
});

const toOwnModel = ({ model, type, deploymentStatus, error }: OwnModelState): JobOwnModel => ({
  model_name: model,
  type,
  deployment_status: deploymentStatus,
  error,
});

const toNim = (candidate: CandidateState, now: number): JobNim => ({
  model_name: candidate.model,
  status: candidate.status,
  deployment_status: candidate.deploymentStatus,
  runtime_seconds: secondsOf(candidate, now),
  evaluations: candidate.evaluations
    // In the order in which the blueprint makes them, whichever began first here.
    .toSorted((a, b) => EXPERIMENT_KINDS.indexOf(a.kind) - EXPERIMENT_KINDS.indexOf(b.kind))
    .map((evaluation) => toEvaluation(evaluation, now)),
  customizations: candidate.customization ? [toCustomization(candidate.customization, now)] : [],
  error: candidate.error,
  verdict: candidate.verdict && toVerdict(candidate.verdict),
});

const toEvaluation = (evaluation: EvaluationState, now: number): JobEvaluation => ({
  eval_type: `${evaluation.kind}-eval`,
  scores: valuesOf(evaluation.scores),
  started_at: naiveUtc(evaluation.startedAt),
  finished_at: optionalUtc(evaluation.finishedAt),
  runtime_seconds: secondsOf(evaluation, now),
  progress: percentage(evaluation.progress),
  nmp_uri: evaluation.uri,
  mlflow_uri: null,
  error: evaluation.error,
  status: evaluation.status,
  counts: byKey(evaluation.scores, ({ n }) => n),
  failed: byKey(evaluation.scores, ({ failed }) => failed),
  intervals: byKey(evaluation.scores, ({ interval }) => interval),
  differences: byKey(evaluation.scores, ({ difference }) => difference),
});

const toCustomization = (customization: CustomizationState, now: number): JobCustomization => ({
  started_at: naiveUtc(customization.startedAt),
  finished_at: optionalUtc(customization.finishedAt),
  runtime_seconds: secondsOf(customization, now),
  progress: percentage(customization.progress),
  epochs_completed: customization.epochsCompleted,
  steps_completed: customization.stepsCompleted,
  nmp_uri: customization.uri,
  customized_model: customization.customizedModel,
  error: customization.error,
  status: customization.status,
  train_loss: customization.trainLoss,
  validation_loss: customization.validationLoss,
});

const toVerdict = ({ word, experiment, target, furtherSamples, text }: Verdict): JobVerdict => ({
  word,
  experiment,
  target,
  further_samples: furtherSamples,
  text,
});

const toComparison = ({ runId, startedAt, candidates }: RunComparison): JobComparison => ({
  job_id: runId,
  started_at: naiveUtc(startedAt),
  nims: candidates.map(({ model, experiments }) => ({
    model_name: model,
    evaluations: experiments.map(({ kind, scores }) => ({
      eval_type: `${kind}-eval`,
      scores: Object.fromEntries(scores.map((score) => [score.key, toScoreChange(score)])),
    })),
  })),
});

const toScoreChange = ({ before, now, change }: ScoreChange): JobScoreChange => ({
  before: before.value,
  before_count: before.n,
  now: now.value,
  count: now.n,
  difference: change,
});

export const toWorkloadType = (type: WorkloadType): JobWorkloadType =>
  type === 'tool-calling' ? 'tool_calling' : type;

export const toFunnel = (funnel: Funnel): JobFunnel => ({
  read: funnel.read,
  rejected: funnel.rejected,
  duplicates: funnel.duplicates,
  conflicts: funnel.conflicts,
  beyond_limit: funnel.beyondLimit,
  evaluation: funnel.evaluation,
  training: funnel.training,
  validation: funnel.validation,
  untrained: funnel.untrained,
  conversations: funnel.conversations,
  near_duplicates: funnel.nearDuplicates,
  shared_conversations: funnel.sharedConversations,
  seed: funnel.seed,
  ...(funnel.examples && {
    examples: {
      duplicates: funnel.examples.duplicates,
      conflicts: funnel.examples.conflicts,
      beyond_limit: funnel.examples.beyondLimit,
      ...(funnel.examples.nearDuplicates && { near_duplicates: funnel.examples.nearDuplicates }),
    },
  }),
});

function secondsOf(step: { startedAt: string | null; finishedAt: string | null }, now: number): number {
  if (step.startedAt === null) return 0;
  const end = step.finishedAt === null ? now : Date.parse(step.finishedAt);
  return Math.max(0, (end - Date.parse(step.startedAt)) / 1000);
}

const percentage = (progress: number): number => Math.min(100, Math.max(0, progress));

/** Scores that no sample has are in `failed` alone. */
const valuesOf = (scores: ScoreSummary[]): Record<string, number> =>
  Object.fromEntries(scores.flatMap(({ key, value }) => (value === null ? [] : [[key, value]])));

const byKey = <T>(scores: ScoreSummary[], pick: (score: ScoreSummary) => T): Record<string, T> =>
  Object.fromEntries(scores.map((score) => [score.key, pick(score)]));
