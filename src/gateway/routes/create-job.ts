import type { Request, RequestHandler } from 'express';
import { effectiveRunConfig } from '../../config/index.js';
import { HttpError } from '../errors.js';
import { jsonBody } from '../json-body.js';
import { jobRequest } from '../job-request.js';
import { freshRunId, keyedRunId } from '../run-id.js';
import { submitRun } from '../run-start.js';
import type { GatewayContext } from '../services.js';
import { validate } from '../validation.js';

/** `POST /api/jobs`: starts a run. */
export const createJob =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const { workload_id, client_id, data_split_config } = validate(jobRequest, jsonBody(request), 'body');
    const { run, unsupported } = context.config;
    if (unsupported.length > 0) throw new HttpError(400, unsupported.join(' '));
    const runId = requestedRunId(request, client_id);
    await submitRun(context, {
      runId,
      workloadId: workload_id,
      clientId: client_id,
      submittedAt: new Date().toISOString(),
      config: effectiveRunConfig(run, data_split_config ?? {}),
    });
    response.json({ id: runId, status: 'queued', message: 'NIM workflow started' });
  };

function requestedRunId(request: Request, clientId: string): string {
  const key = request.get('Idempotency-Key');
  return key ? keyedRunId(clientId, key) : freshRunId();
}
