/** The documents of the HTTP API: the blueprint's keys in its order, then ours. */
import type {
  CandidateStatus,
  DeploymentStatus,
  ExperimentKind,
  Funnel,
  NearDuplicates,
  OwnModelState,
  Rejection,
  RunStage,
  RunStatus,
  ScoreSummary,
  StepStatus,
  VerdictWord,
} from '../run-record.js';

interface JobHead {
  id: string;
  workload_id: string;
  client_id: string;
  status: RunStatus;
  /** UTC without a zone, as in the blueprint. */
  started_at: string;
  finished_at: string | null;
}

export interface JobListItem extends JobHead {
  datasets: JobDataset[];
  error: string | null;
  stage: RunStage;
}

export interface JobDetail extends JobHead {
  num_records: number;
  llm_judge: JobOwnModel | null;
  nims: JobNim[];
  datasets: JobDataset[];
  error: string | null;
  stage: RunStage;
  workload_type: JobWorkloadType | null;
  warnings: string[];
  funnel: JobFunnel | null;
  /** Chose in-context examples by similarity; null when none did. */
  embedding_model: JobOwnModel | null;
  /** Only of a job that repeats another. */
  comparison?: JobComparison;
  /** Present when the document is not of now: about how old it is. */
  stale_seconds?: number;
}

/** What a job measured beside the same of an earlier one, as far as both have it. */
export interface JobComparison {
  job_id: string;
  started_at: string;
  nims: {
    model_name: string;
    evaluations: { eval_type: `${ExperimentKind}-eval`; scores: Record<string, JobScoreChange> }[];
  }[];
}

export interface JobScoreChange {
  before: number;
  before_count: number;
  now: number;
  count: number;
  /** Unpaired; the interval is null where one of the scores has none. */
  difference: { value: number; interval: [number, number] | null };
}

export type JobWorkloadType = 'tool_calling' | 'generic';

export interface JobDataset {
  name: string;
  num_records: number;
  nmp_uri: string | null;
}

export interface JobOwnModel {
  model_name: string;
  type: OwnModelState['type'];
  deployment_status: DeploymentStatus;
  error: string | null;
}

export interface JobNim {
  model_name: string;
  status: CandidateStatus;
  deployment_status: DeploymentStatus;
  runtime_seconds: number;
  evaluations: JobEvaluation[];
  customizations: JobCustomization[];
  error: string | null;
  verdict: JobVerdict | null;
}

/**
 * `counts`, `failed`, `intervals` and `differences` have the keys of `scores`, and those of scores that no sample has.
 */
export interface JobEvaluation {
  eval_type: `${ExperimentKind}-eval`;
  scores: Record<string, number>;
  started_at: string;
  finished_at: string | null;
  runtime_seconds: number;
  progress: number;
  nmp_uri: string | null;
  mlflow_uri: null;
  error: string | null;
  status: StepStatus;
  counts: Record<string, number>;
  failed: Record<string, number>;
  intervals: Record<string, ScoreSummary['interval']>;
  differences: Record<string, ScoreSummary['difference']>;
}

export interface JobCustomization {
  started_at: string;
  finished_at: string | null;
  runtime_seconds: number;
  progress: number;
  epochs_completed: number;
  steps_completed: number;
  nmp_uri: string | null;
  customized_model: string | null;
  error: string | null;
  status: StepStatus;
  train_loss: number | null;
  validation_loss: number | null;
}

export interface JobVerdict {
  word: VerdictWord;
  experiment: ExperimentKind | null;
  target: number;
  further_samples: number | null;
  text: string;
}

export interface JobFunnel {
  read: number;
  rejected: Rejection[];
  duplicates: number;
  conflicts: number;
  beyond_limit: number;
  evaluation: number;
  training: number;
  validation: number;
  untrained: Funnel['untrained'];
  conversations: number;
  near_duplicates: NearDuplicates | null;
  shared_conversations: number;
  seed: number;
  /** Ids in the store; jobs of earlier versions lack it. */
  examples?: {
    duplicates: string[];
    conflicts: string[];
    beyond_limit: string[];
    near_duplicates?: string[];
  };
}

/** What there is to say of datasets but for their rows. */
export interface DatasetDocument {
  workload_id: string;
  client_id: string;
  workload_type: JobWorkloadType;
  sizes: { evaluation: number; in_context: number; training: number; validation: number };
  funnel: JobFunnel;
  /** Rows by the first tool that their answer calls. */
  tools: Record<'evaluation' | 'training' | 'validation', Record<string, number>>;
  warnings: string[];
}

/** The answer of `POST /api/datasets/preview`: a few rows of each set as well. */
export interface DatasetPreview extends DatasetDocument {
  samples: Record<'evaluation' | 'in_context' | 'training' | 'validation', unknown[]>;
}
