/** The words and the small values that several documents of the HTTP API are made of. */
import { z } from 'zod';
import {
  CANDIDATE_STATUSES,
  DEPLOYMENT_STATUSES,
  EXPERIMENT_KINDS,
  RUN_STAGES,
  RUN_STATUSES,
  STEP_STATUSES,
} from '../run-record.js';

/** UTC without a zone, as in the blueprint: no fraction when it is zero, else six digits. */
export const moment = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{6})?$/)
  .meta({
    description: 'UTC without a zone',
    examples: ['2026-01-05T08:00:00', '2026-01-05T08:00:00.123000'],
  });

/** Ids of jobs and of schedules. */
export const hexId = z
  .string()
  .regex(/^[0-9a-f]{24}$/)
  .meta({ examples: ['65a1b2c3d4e5f60718293a4b'] });

export const runStatus = z.enum(RUN_STATUSES).meta({ id: 'JobStatus' });

export const runStage = z.enum(RUN_STAGES).meta({ id: 'JobStage' });

export const candidateStatus = z.enum(CANDIDATE_STATUSES).meta({ id: 'CandidateStatus' });

export const deploymentStatus = z.enum(DEPLOYMENT_STATUSES).meta({ id: 'DeploymentStatus' });

export const stepStatus = z.enum(STEP_STATUSES).meta({ id: 'StepStatus' });

export const evalType = z.enum(EXPERIMENT_KINDS.map((kind) => `${kind}-eval` as const));

/** What some answers call a workload's type. */
export const workloadType = z.enum(['tool_calling', 'generic']);

export type JobWorkloadType = z.output<typeof workloadType>;

export const count = z.int().min(0);

export const error = z.string().nullable().describe('why it failed, in a sentence');

export const interval = z.tuple([z.number(), z.number()]).describe('95 %');
