import type { RequestHandler } from 'express';
import { shortHash } from '../../ids.js';
import { addLogFields } from '../../logger.js';
import { requestedJob } from '../job-request.js';
import { requestedId } from '../run-id.js';
import { submitRun } from '../run-start.js';
import type { GatewayContext } from '../services.js';

/** `POST /api/jobs`: starts a run. */
export const createJob =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const { workloadId, clientId, requested, config } = requestedJob(context.config, request);
    const runId = requestedId(request, clientId);
    addLogFields({ runId });
    await submitRun(context, {
      runId,
      workloadId,
      clientId,
      submittedAt: new Date().toISOString(),
      config,
      requestHash: shortHash(JSON.stringify([workloadId, clientId, requested]), 24),
    });
    response.json({ id: runId, status: 'queued', message: 'NIM workflow started' });
  };
