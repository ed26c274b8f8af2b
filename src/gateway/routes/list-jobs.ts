import type { RequestHandler } from 'express';
import { z } from 'zod';
import { choice, Fault, integer, lax, text } from '../../config/lax.js';
import { fromCursor } from '../../stores/run-position.js';
import { StoreError } from '../../stores/store-error.js';
import { callerOf } from '../caller.js';
import { toJobListItem } from '../job-document.js';
import type { GatewayContext } from '../services.js';
import { validate } from '../validation.js';

const cursor = lax((value) => {
  try {
    fromCursor(String(value));
    return String(value);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return new Fault('value_error', 'Input should be the next_cursor of another answer');
  }
});

/** Without a limit all are listed; one beyond this is a mistake, and may be no number that a store can count to. */
const MOST_JOBS = 10_000;

const filter = z
  .object({
    status: choice(['pending', 'running', 'completed', 'cancelled', 'failed']),
    workload_id: text,
    client_id: text,
    limit: integer({ ge: 1, le: MOST_JOBS }),
    cursor,
  })
  .partial();

/** `GET /api/jobs`: all runs in the order of their submission; with a filter, pages of the newest first. */
export const listJobs =
  ({ runs }: GatewayContext): RequestHandler =>
  async (request, response) => {
    const { status, workload_id, client_id, limit, cursor } = validate(filter, request.query, 'query');
    const asked = {
      ...(status !== undefined && { status }),
      ...(workload_id !== undefined && { workloadId: workload_id }),
      ...(client_id !== undefined && { clientId: client_id }),
      ...(limit !== undefined && { limit }),
      ...(cursor !== undefined && { cursor }),
    };
    const isFiltered = Object.keys(asked).length > 0;
    const { clients } = callerOf(request);
    const scope = clients === null ? {} : { clientIds: clients };
    const page = await runs.list({ ...asked, ...scope, order: isFiltered ? 'newest-first' : 'oldest-first' });
    const jobs = page.runs.map(toJobListItem);
    response.json(isFiltered ? { jobs, next_cursor: page.nextCursor } : { jobs });
  };
