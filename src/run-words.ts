/** The words for where a run, its candidates and their jobs stand. */

export const RUN_STATUSES = ['pending', 'running', 'completed', 'cancelled', 'failed'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Of runs that have not ended. */
export const OPEN_STATUSES = ['pending', 'running'] as const satisfies RunStatus[];

export const RUN_STAGES = [
  'queued',
  'building-datasets',
  'trying-candidates',
  'cancelling',
  'finished',
] as const;
export type RunStage = (typeof RUN_STAGES)[number];

/** In the order in which they are shown. */
export const EXPERIMENT_KINDS = ['base', 'icl', 'customized'] as const;
export type ExperimentKind = (typeof EXPERIMENT_KINDS)[number];

export const CANDIDATE_STATUSES = [
  'pending',
  'deploying-nim',
  'running-evals',
  'cancelled',
  'completed',
  'failed',
] as const;
export type CandidateStatus = (typeof CANDIDATE_STATUSES)[number];

/** The platform's words for a deployment, as the blueprint's API shows them. */
export const DEPLOYMENT_STATUSES = [
  'created',
  'pending',
  'running',
  'cancelled',
  'failed',
  'completed',
  'ready',
  'unknown',
] as const;
export type DeploymentStatus = (typeof DEPLOYMENT_STATUSES)[number];

/** Where one job of an experiment or a training stands. */
export const STEP_STATUSES = ['running', 'completed', 'failed', 'cancelled'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export const VERDICT_WORDS = ['ready', 'not ready', 'undecided', 'no result'] as const;
export type VerdictWord = (typeof VERDICT_WORDS)[number];
