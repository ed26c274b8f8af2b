import { z } from 'zod';
import {
  holderOf,
  LEASE_STATES,
  runOfHolder,
  servedModelWorkflowId,
  stepOf,
  type GpuPoolState,
} from '../gpu-pool.js';
import { naiveUtc } from './job-document.js';
import { count, hexId, moment } from './wire-words.js';

/** One step of a workflow that holds GPUs or waits for them. */
const gpuUser = z.object({
  workflow_id: z.string(),
  step: z.string(),
  job_id: hexId.nullable().describe("null: it is no job's"),
});

/** `GET /api/gpu-pool`. */
export const gpuPoolDocument = z
  .object({
    total_gpus: count.nullable().describe('null: unlimited'),
    gpus_in_use: count,
    census: z.boolean().describe('the pool asks everybody what they hold, and grants nothing'),
    census_problem: z
      .string()
      .nullable()
      .describe('why the census is not over, such as the workflow that does not answer; it is taken again'),
    models: z.array(
      z.object({
        model: z.string(),
        gpus: count,
        state: z.enum(LEASE_STATES),
        workflow_id: z.string(),
        users: z.array(gpuUser),
        idle_since: moment.nullable(),
      }),
    ),
    trainings: z.array(gpuUser.extend({ gpus: count })),
    queue: z
      .array(gpuUser.extend({ gpus: count, models: z.array(z.string()), waiting_since: moment }))
      .describe('in the order in which it is served'),
    requests_not_taken: count.describe('found the queue full; one that is sent again counts again'),
  })
  .meta({ id: 'GpuPool' });

export type GpuUser = z.output<typeof gpuUser>;
export type GpuPoolDocument = z.output<typeof gpuPoolDocument>;

export const toGpuPool = (
  { totalGpus, inUse, census, models, trainings, queue, notTaken }: GpuPoolState,
  problem: string | null,
): GpuPoolDocument => ({
  total_gpus: totalGpus,
  gpus_in_use: inUse,
  census,
  census_problem: census ? problem : null,
  models: models.map(({ lease, model, gpus, state, users, idleSince }) => ({
    model,
    gpus,
    state,
    workflow_id: servedModelWorkflowId(model, lease),
    users: users.map(toUser),
    idle_since: idleSince === null ? null : naiveUtc(idleSince),
  })),
  trainings: trainings.map(({ use, gpus }) => ({ ...toUser(use), gpus })),
  queue: queue.map(({ use, gpus, models: needed, askedAt }) => ({
    ...toUser(use),
    gpus,
    models: needed,
    waiting_since: naiveUtc(askedAt),
  })),
  requests_not_taken: notTaken,
});

const toUser = (use: string): z.output<typeof gpuUser> => ({
  workflow_id: holderOf(use),
  step: stepOf(use),
  job_id: runOfHolder(holderOf(use)),
});
