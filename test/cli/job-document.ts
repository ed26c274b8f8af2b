import type { JobCustomization, JobDetail, JobEvaluation, JobNim } from '../../src/gateway/wire.js';

const STARTED = '2025-01-02T03:04:05.000000';
const ENDED = '2025-01-02T03:05:05.000000';

/** A finished base evaluation: 45 of 50 tool calls name the right function. */
export const anEvaluation = (changes: Partial<JobEvaluation> = {}): JobEvaluation => ({
  eval_type: 'base-eval',
  scores: { function_name: 0.9 },
  started_at: STARTED,
  finished_at: ENDED,
  runtime_seconds: 60,
  progress: 100,
  nmp_uri: null,
  mlflow_uri: null,
  error: null,
  status: 'completed',
  counts: { function_name: 50 },
  failed: { function_name: 0 },
  intervals: { function_name: [0.79, 0.96] },
  differences: { function_name: null },
  ...changes,
});

export const aTraining = (changes: Partial<JobCustomization> = {}): JobCustomization => ({
  started_at: STARTED,
  finished_at: null,
  runtime_seconds: 10,
  progress: 50,
  epochs_completed: 1,
  steps_completed: 12,
  nmp_uri: null,
  customized_model: null,
  error: null,
  status: 'running',
  train_loss: 0.75,
  validation_loss: null,
  ...changes,
});

export const aNim = (changes: Partial<JobNim> = {}): JobNim => ({
  model_name: 'meta/small',
  status: 'completed',
  deployment_status: 'completed',
  runtime_seconds: 60,
  evaluations: [anEvaluation()],
  customizations: [],
  error: null,
  verdict: null,
  ...changes,
});

export const aJob = (changes: Partial<JobDetail> = {}): JobDetail => ({
  id: '65f8a1b2c3d4e5f6a7b8c9d0',
  workload_id: 'service_agent',
  client_id: 'shop',
  status: 'completed',
  started_at: STARTED,
  finished_at: ENDED,
  num_records: 100,
  llm_judge: null,
  nims: [aNim()],
  datasets: [],
  error: null,
  stage: 'finished',
  workload_type: 'tool_calling',
  warnings: [],
  funnel: null,
  embedding_model: null,
  ...changes,
});
