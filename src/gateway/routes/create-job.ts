import { z } from 'zod';
import { shortHash } from '../../ids.js';
import { addLogFields } from '../../logger.js';
import { jobRequest, requestedJob } from '../job-request.js';
import { AWAY, IDEMPOTENCY, JOB_BYTES, json, operation, problem } from '../operation.js';
import { requestedId } from '../run-id.js';
import { submitRun } from '../run-start.js';
import { hexId } from '../wire-words.js';

const started = z
  .object({
    id: hexId,
    // A word of the blueprint's; the job's own is `pending`.
    status: z.literal('queued'),
    message: z.literal('NIM workflow started'),
  })
  .meta({ id: 'Started' });

/** `POST /api/jobs`: starts a run. */
export const createJob = operation(
  {
    id: 'createJob',
    tag: 'jobs',
    summary: 'Starts a job',
    headers: IDEMPOTENCY,
    body: { limit: JOB_BYTES, content: { 'application/json': jobRequest } },
    answers: {
      200: json('It is started', started),
      400: problem('The body is not UTF-8, or no job could be run with it'),
      404: problem('The key is not good for that client'),
      409: problem('The Idempotency-Key was used for another request, or its job was deleted'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
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
  },
);
