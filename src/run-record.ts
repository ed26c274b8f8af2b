/** What is known of a run: the answer of the query `runState` and the document that the run store keeps. */
import type { EmbeddingConfig, JudgeConfig, RunConfig } from './config/run-config.js';
import type {
  CandidateStatus,
  DeploymentStatus,
  ExperimentKind,
  RunStage,
  RunStatus,
  StepStatus,
  VerdictWord,
} from './run-words.js';

export * from './run-words.js';

export type DatasetRole = 'evaluation' | 'in-context' | 'training';

/** A dataset by reference: rows never travel through Temporal. */
export interface DatasetRef {
  role: DatasetRole;
  /** `flywheel-{eval,icl,train}-<workload slug>-<runId>` */
  name: string;
  numRecords: number;
  /** `hf://datasets/<namespace>/<name>`; null until it is registered. */
  filesUrl: string | null;
}

/** One reason for which records were left out, with how many and a few example ids. */
export interface Rejection {
  reason: string;
  count: number;
  examples: string[];
}

/** Conversations that hold near-duplicates of each other and are taken for one. */
export interface NearDuplicates {
  /** How many such sets of conversations. */
  clusters: number;
  /** Records in them; part of those in the datasets. */
  records: number;
}

/** What became of the records on their way from the log store to the datasets; every record is in exactly one place. */
export interface Funnel {
  /** Records of the workload in the store that were read. */
  read: number;
  rejected: Rejection[];
  duplicates: number;
  /** Duplicates whose answers differed; part of `duplicates`. */
  conflicts: number;
  /** Valid, unique records beyond `limit` (older ones). */
  beyondLimit: number;
  evaluation: number;
  training: number;
  validation: number;
  /** Not evaluated, and by `min_reward` not trained on: one entry for each reason. */
  untrained: { reason: string; count: number; examples?: string[] }[];
  /** Near-duplicates that were joined count as one. */
  conversations: number;
  /** null: not looked for. */
  nearDuplicates: NearDuplicates | null;
  /** Conversations that are in evaluation and in training or validation: 0, but for the same request under system prompts that differ. */
  sharedConversations: number;
  seed: number;
  /**
   * Ids in the store of a few records of each step, beside those that `rejected` and `untrained` name; earlier runs kept
   * none. `nearDuplicates` are two that were found to be near-duplicates of each other.
   */
  examples?: { duplicates: string[]; conflicts: string[]; beyondLimit: string[]; nearDuplicates?: string[] };
}

/** A score with everything needed to read it: never shown without n. */
export interface ScoreSummary {
  /** `function_name`, `function_name_and_args_accuracy`, `tool_calling_correctness`, `similarity` */
  key: string;
  /** null when no sample has this score: then `failed` says how many should. */
  value: number | null;
  /** Samples that have this score. */
  n: number;
  /** Samples that have none: the model did not answer or the judge's text could not be read. */
  failed: number;
  /** 95 %; see `src/report/intervals.ts`. null when no sample has this score, or the samples could not be read. */
  interval: [number, number] | null;
  /** Paired difference to the base experiment on the same samples, with a 95 % interval; null for base itself. */
  difference: { value: number; n: number; interval: [number, number] } | null;
}

export interface EvaluationState {
  kind: ExperimentKind;
  status: StepStatus;
  startedAt: string;
  finishedAt: string | null;
  /** 0..100 */
  progress: number;
  jobId: string | null;
  uri: string | null;
  scores: ScoreSummary[];
  error: string | null;
}

export interface CustomizationState {
  status: StepStatus;
  startedAt: string;
  finishedAt: string | null;
  /** 0..100 */
  progress: number;
  epochsCompleted: number;
  stepsCompleted: number;
  trainLoss: number | null;
  validationLoss: number | null;
  jobId: string | null;
  uri: string | null;
  customizedModel: string | null;
  error: string | null;
}

export interface Verdict {
  word: VerdictWord;
  /** The experiment it rests on; null without a result. */
  experiment: ExperimentKind | null;
  target: number;
  /** Further samples that would decide if the observed values hold; null when decided or when none can be told. */
  furtherSamples: number | null;
  /** One sentence for people. */
  text: string;
}

export interface CandidateState {
  model: string;
  status: CandidateStatus;
  deploymentStatus: DeploymentStatus;
  startedAt: string | null;
  finishedAt: string | null;
  evaluations: EvaluationState[];
  customization: CustomizationState | null;
  verdict: Verdict | null;
  error: string | null;
  /** The judge as this candidate saw it. */
  judge: Pick<OwnModelState, 'deploymentStatus' | 'error'>;
}

/** The judge, or the embedding model: what a run uses beside its candidates. */
export interface OwnModelState {
  model: string;
  type: 'remote' | 'local';
  deploymentStatus: DeploymentStatus;
  error: string | null;
}

export type WorkloadType = 'tool-calling' | 'generic';

/** Rows of one evaluation dataset that are judged by the same metrics; one file, one task of the evaluation job. */
export interface EvaluationSlice {
  type: WorkloadType;
  /** `eval_data.jsonl`, `eval_plain.jsonl`, … ; the same name in the evaluation and the in-context dataset. */
  file: string;
  rows: number;
  /** Whether the rows carry tools (a request that names a tool choice must). */
  tools: boolean;
}

/** A score of an experiment, in the run before and in this one. */
export interface ScoreChange {
  key: string;
  before: { value: number; n: number };
  now: { value: number; n: number };
  /** Unpaired, as the rows differ, with a 95 % interval; that is null where one of the scores has none. */
  change: { value: number; interval: [number, number] | null };
}

/** What a run measured, beside the same of an earlier one; only what both have a score for. */
export interface RunComparison {
  /** The earlier run. */
  runId: string;
  /** ISO 8601 with `Z`. */
  startedAt: string;
  candidates: { model: string; experiments: { kind: ExperimentKind; scores: ScoreChange[] }[] }[];
}

export interface RunRecord {
  runId: string;
  workloadId: string;
  clientId: string;
  status: RunStatus;
  stage: RunStage;
  /** ISO 8601 with `Z`; the time of submission. */
  startedAt: string;
  /** Set only when teardown is done. */
  finishedAt: string | null;
  numRecords: number;
  workloadType: WorkloadType | null;
  judge: OwnModelState | null;
  /** Compares in-context examples; null when none are compared. */
  embeddingModel: OwnModelState | null;
  candidates: CandidateState[];
  datasets: DatasetRef[];
  funnel: Funnel | null;
  /** ISO 8601 with `Z`: what came later was not read. Absent until the datasets are built; earlier runs kept none. */
  readingBeganAt?: string;
  warnings: string[];
  error: string | null;
  /** Beside the run before; absent where none was asked for, null where that run is not there any more. */
  comparison?: RunComparison | null;
  /** The effective configuration of this run, without secrets. */
  config: RunConfig;
  requestHash: string;
  /** While it is queued and pending: whose Temporal is to begin it. */
  installation?: string;
}

export interface RunRequest {
  runId: string;
  workloadId: string;
  clientId: string;
  /** ISO 8601 with `Z`. */
  submittedAt: string;
  config: RunConfig;
  /** Tells what the client asked for from other requests, whatever the configuration was that completed it. */
  requestHash: string;
  /** An earlier run of the workload, with which this one is compared at its end. */
  compareWith?: string;
}

/** The record of a run that has been asked for and not yet begun. */
export function newRunRecord(request: RunRequest): RunRecord {
  const { runId, workloadId, clientId, submittedAt, config, requestHash } = request;
  return {
    runId,
    workloadId,
    clientId,
    status: 'pending',
    stage: 'queued',
    startedAt: submittedAt,
    finishedAt: null,
    numRecords: 0,
    workloadType: null,
    judge: newOwnModelState(config.judge),
    embeddingModel:
      config.icl.selection === 'semantic_similarity' ? newOwnModelState(config.icl.embedding) : null,
    candidates: config.candidates.map((candidate) => newCandidateState(candidate.model)),
    datasets: [],
    funnel: null,
    warnings: [],
    error: null,
    config,
    requestHash,
  };
}

const newOwnModelState = ({ model, deployment }: JudgeConfig | EmbeddingConfig): OwnModelState => ({
  model,
  type: deployment.kind === 'managed' ? 'local' : 'remote',
  deploymentStatus: deployment.kind === 'managed' ? 'created' : 'ready',
  error: null,
});

export const newCandidateState = (model: string): CandidateState => ({
  model,
  status: 'pending',
  deploymentStatus: 'pending',
  startedAt: null,
  finishedAt: null,
  evaluations: [],
  customization: null,
  verdict: null,
  error: null,
  judge: { deploymentStatus: 'created', error: null },
});

/** What one candidate saw of the judge counts before what another did. */
const JUDGE_SEEN: readonly DeploymentStatus[] = ['ready', 'pending', 'completed', 'failed'];

/** A local judge is served for candidates, as each of them needs it. */
export function withJudgeSeen(run: RunRecord): RunRecord {
  const { judge, candidates } = run;
  if (judge?.type !== 'local') return run;
  for (const status of JUDGE_SEEN) {
    const seen = candidates.find((candidate) => candidate.judge.deploymentStatus === status);
    if (seen) return { ...run, judge: { ...judge, ...seen.judge } };
  }
  return run;
}
