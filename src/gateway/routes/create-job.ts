import type { Request, RequestHandler } from 'express';
import { effectiveRunConfig, type SplitOverrides, unreachableMinimum } from '../../config/index.js';
import type { RunConfig } from '../../config/run-config.js';
import { shortHash } from '../../ids.js';
import { jsonBody } from '../json-body.js';
import { jobRequest } from '../job-request.js';
import { freshRunId, keyedRunId } from '../run-id.js';
import { submitRun } from '../run-start.js';
import type { GatewayContext } from '../services.js';
import { invalid, validate } from '../validation.js';

/** `POST /api/jobs`: starts a run. */
export const createJob =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const { workload_id, client_id, data_split_config } = validate(jobRequest, jsonBody(request), 'body');
    const { run } = context.config;
    const requested = data_split_config ?? {};
    const config = effectiveRunConfig(run, requested);
    refuseUnreachableMinimum(config, requested);
    const runId = requestedRunId(request, client_id);
    await submitRun(context, {
      runId,
      workloadId: workload_id,
      clientId: client_id,
      submittedAt: new Date().toISOString(),
      config,
      requestHash: shortHash(JSON.stringify([workload_id, client_id, requested]), 24),
    });
    response.json({ id: runId, status: 'queued', message: 'NIM workflow started' });
  };

/** The file's own limit and minimum fit together; with what the request overrides they may no longer. */
function refuseUnreachableMinimum({ split }: RunConfig, requested: SplitOverrides): void {
  const msg = unreachableMinimum(split);
  if (msg === null) return;
  const key = requested.limit === undefined ? 'min_total_records' : 'limit';
  throw invalid({
    type: 'value_error',
    loc: ['body', 'data_split_config', key],
    msg,
    input: requested[key],
  });
}

function requestedRunId(request: Request, clientId: string): string {
  const key = request.get('Idempotency-Key');
  return key ? keyedRunId(clientId, key) : freshRunId();
}
