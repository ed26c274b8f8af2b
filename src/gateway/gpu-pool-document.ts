import {
  holderOf,
  runOfHolder,
  servedModelWorkflowId,
  stepOf,
  type GpuPoolState,
  type LeaseState,
} from '../gpu-pool.js';
import { naiveUtc } from './job-document.js';

/** One step of a workflow that holds GPUs or waits for them. */
export interface GpuUser {
  workflow_id: string;
  step: string;
  /** null: it is no run's. */
  job_id: string | null;
}

/** `GET /api/gpu-pool`. */
export interface GpuPoolDocument {
  /** null: unlimited. */
  total_gpus: number | null;
  gpus_in_use: number;
  census: boolean;
  models: {
    model: string;
    gpus: number;
    state: LeaseState;
    workflow_id: string;
    users: GpuUser[];
    idle_since: string | null;
  }[];
  trainings: (GpuUser & { gpus: number })[];
  queue: (GpuUser & { gpus: number; models: string[]; waiting_since: string })[];
}

export const toGpuPool = ({
  totalGpus,
  inUse,
  census,
  models,
  trainings,
  queue,
}: GpuPoolState): GpuPoolDocument => ({
  total_gpus: totalGpus,
  gpus_in_use: inUse,
  census,
  models: models.map(({ lease, model, gpus, state, users, idleSince }) => ({
    model,
    gpus,
    state,
    workflow_id: servedModelWorkflowId(model, lease),
    users: users.map(toUser),
    idle_since: idleSince === null ? null : momentOf(idleSince),
  })),
  trainings: trainings.map(({ use, gpus }) => ({ ...toUser(use), gpus })),
  queue: queue.map(({ use, gpus, models: needed, askedAt }) => ({
    ...toUser(use),
    gpus,
    models: needed,
    waiting_since: momentOf(askedAt),
  })),
});

const toUser = (use: string): GpuUser => ({
  workflow_id: holderOf(use),
  step: stepOf(use),
  job_id: runOfHolder(holderOf(use)),
});

const momentOf = (epochMs: number): string => naiveUtc(new Date(epochMs).toISOString());
