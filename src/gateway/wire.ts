/** The documents of jobs: the blueprint's keys in its order, then ours. */
import { z } from 'zod';
import { EXPERIMENT_KINDS, VERDICT_WORDS } from '../run-record.js';
import { jobFunnel } from './wire-datasets.js';
import {
  candidateStatus,
  count,
  deploymentStatus,
  error,
  evalType,
  hexId,
  interval,
  moment,
  runStage,
  runStatus,
  stepStatus,
  workloadType,
} from './wire-words.js';

export type { DatasetDocument, DatasetPreview, JobFunnel } from './wire-datasets.js';
export type { JobWorkloadType } from './wire-words.js';

const seconds = z.number().min(0);
const progress = z.number().min(0).max(100);
const uri = z.string().nullable().describe('where it is on the platform');

const jobDataset = z.object({ name: z.string(), num_records: count, nmp_uri: uri }).meta({ id: 'Dataset' });

export type JobDataset = z.output<typeof jobDataset>;

const jobOwnModel = z
  .object({
    model_name: z.string(),
    type: z.enum(['remote', 'local']),
    deployment_status: deploymentStatus,
    error,
  })
  .meta({ id: 'OwnModel', description: 'A model that a job uses beside its candidates' });

export type JobOwnModel = z.output<typeof jobOwnModel>;

const difference = z.object({ value: z.number(), n: count, interval });

/** `counts`, `failed`, `intervals` and `differences` have the keys of `scores`, and those of scores that no sample has. */
export const jobEvaluation = z
  .object({
    eval_type: evalType,
    scores: z.record(z.string(), z.number()),
    started_at: moment,
    finished_at: moment.nullable(),
    runtime_seconds: seconds,
    progress,
    nmp_uri: uri,
    mlflow_uri: z.null(),
    error,
    status: stepStatus,
    counts: z.record(z.string(), count).describe('samples that have the score'),
    failed: z.record(z.string(), count).describe('samples without the score'),
    intervals: z.record(z.string(), interval.nullable()),
    differences: z
      .record(z.string(), difference.nullable())
      .describe('to base-eval, paired; null for base-eval itself'),
  })
  .meta({ id: 'Evaluation' });

export type JobEvaluation = z.output<typeof jobEvaluation>;

export const jobCustomization = z
  .object({
    started_at: moment,
    finished_at: moment.nullable(),
    runtime_seconds: seconds,
    progress,
    epochs_completed: count,
    steps_completed: count,
    nmp_uri: uri,
    customized_model: z.string().nullable(),
    error,
    status: stepStatus,
    train_loss: z.number().nullable(),
    validation_loss: z.number().nullable(),
  })
  .meta({ id: 'Customization' });

export type JobCustomization = z.output<typeof jobCustomization>;

const jobVerdict = z
  .object({
    word: z.enum(VERDICT_WORDS),
    experiment: z.enum(EXPERIMENT_KINDS).nullable(),
    target: z.number(),
    further_samples: count.nullable().describe('so many more would decide if the observed values hold'),
    text: z.string(),
  })
  .meta({ id: 'Verdict' });

export type JobVerdict = z.output<typeof jobVerdict>;

export const jobNim = z
  .object({
    model_name: z.string(),
    status: candidateStatus,
    deployment_status: deploymentStatus,
    runtime_seconds: seconds,
    evaluations: z.array(jobEvaluation),
    customizations: z.array(jobCustomization),
    error,
    verdict: jobVerdict.nullable(),
  })
  .meta({ id: 'Candidate' });

export type JobNim = z.output<typeof jobNim>;

const jobScoreChange = z.object({
  before: z.number(),
  before_count: count,
  now: z.number(),
  count,
  difference: z
    .object({ value: z.number(), interval: interval.nullable() })
    .describe('unpaired; the interval is null where one of the scores has none'),
});

export type JobScoreChange = z.output<typeof jobScoreChange>;

const comparedEvaluation = z.object({ eval_type: evalType, scores: z.record(z.string(), jobScoreChange) });

const jobComparison = z
  .object({
    job_id: hexId,
    started_at: moment,
    nims: z.array(z.object({ model_name: z.string(), evaluations: z.array(comparedEvaluation) })),
  })
  .meta({
    id: 'Comparison',
    description: 'What a job measured beside the same of an earlier one, as far as both have it',
  });

export type JobComparison = z.output<typeof jobComparison>;

const jobHead = z.object({
  id: hexId,
  workload_id: z.string(),
  client_id: z.string(),
  status: runStatus,
  started_at: moment,
  finished_at: moment.nullable(),
});

/** An entry of `GET /api/jobs`. */
export const jobListItem = jobHead
  .extend({ datasets: z.array(jobDataset), error, stage: runStage })
  .meta({ id: 'JobListItem' });

export type JobListItem = z.output<typeof jobListItem>;

/** `GET /api/jobs/{id}`. */
export const jobDetail = jobHead
  .extend({
    num_records: count,
    llm_judge: jobOwnModel.nullable(),
    nims: z.array(jobNim),
    datasets: z.array(jobDataset),
    error,
    stage: runStage,
    workload_type: workloadType.nullable(),
    warnings: z.array(z.string()),
    funnel: jobFunnel.nullable(),
    embedding_model: jobOwnModel
      .nullable()
      .describe('chose in-context examples by similarity; null when none did'),
    comparison: jobComparison.exactOptional().describe('only of a job that repeats another'),
    stale_seconds: count
      .exactOptional()
      .describe('only where the document is not of now: about how old it is'),
  })
  .meta({ id: 'Job' });

export type JobDetail = z.output<typeof jobDetail>;
