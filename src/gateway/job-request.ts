import type { Request } from 'express';
import { z } from 'zod';
import {
  effectiveRunConfig,
  type SplitOverrides,
  splitOverrides,
  unreachableMinimum,
} from '../config/index.js';
import { textUpTo } from '../config/lax.js';
import type { RunConfig } from '../config/run-config.js';
import type { LoadedConfig } from '../config/types.js';
import { requireClient } from './caller.js';
import { jsonBody } from './json-body.js';
import { invalid, validate } from './validation.js';

/** Log records, as stores and Temporal keep them, have no longer names. */
const name = textUpTo(256);

/** The body of `POST /api/jobs`; unknown keys are ignored, as in the blueprint. */
export const jobRequest = z
  .object({
    workload_id: name,
    client_id: name,
    data_split_config: splitOverrides
      .nullable()
      .optional()
      .describe('what is left out is as in the configuration file'),
  })
  .meta({ id: 'JobRequest' });

/** What a caller asks for: a run, or a preview of its datasets. */
export interface RequestedJob {
  workloadId: string;
  clientId: string;
  requested: SplitOverrides;
  /** The file's configuration with what is requested. */
  config: RunConfig;
}

/** Reads the body; a 422 where it does not fit, a 404 where the key is not good for its client. */
export function requestedJob(config: LoadedConfig, request: Request): RequestedJob {
  const job = jobOf(config, validate(jobRequest, jsonBody(request), 'body'));
  requireClient(request, job.clientId);
  return job;
}

/** What a body that fits asks for; a 422 where no run could be like that. */
export function jobOf(
  { run }: LoadedConfig,
  { workload_id, client_id, data_split_config }: z.output<typeof jobRequest>,
): RequestedJob {
  const requested = data_split_config ?? {};
  const config = effectiveRunConfig(run, requested);
  refuseUnreachableMinimum(config, requested);
  return { workloadId: workload_id, clientId: client_id, requested, config };
}

/** The file's own limit and minimum fit together; with what the request overrides they may no longer. */
function refuseUnreachableMinimum({ split }: RunConfig, requested: SplitOverrides): void {
  const msg = unreachableMinimum(split);
  if (msg === null) return;
  const key = requested.limit === undefined ? 'min_total_records' : 'limit';
  throw invalid({
    type: 'value_error',
    loc: ['body', 'data_split_config', key],
    msg,
    input: requested[key] ?? split.minTotalRecords,
  });
}
