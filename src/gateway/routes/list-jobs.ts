import { z } from 'zod';
import { choice, Fault, integer, lax, text } from '../../config/lax.js';
import { RUN_STATUSES } from '../../run-record.js';
import { fromCursor } from '../../stores/run-position.js';
import { StoreError } from '../../stores/store-error.js';
import { clientsOf } from '../caller.js';
import { toJobListItem } from '../job-document.js';
import { AWAY, json, operation } from '../operation.js';
import { validate } from '../validation.js';
import { jobListItem } from '../wire.js';

const cursor = lax(
  (value) => {
    try {
      fromCursor(String(value));
      return String(value);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      return new Fault('value_error', 'Input should be the next_cursor of another answer');
    }
  },
  { type: 'string' },
);

/** Without a limit all are listed; one beyond this is a mistake, and may be no number that a store can count to. */
const MOST_JOBS = 10_000;

const filter = z
  .object({
    status: choice(RUN_STATUSES),
    workload_id: text,
    client_id: text,
    limit: integer({ ge: 1, le: MOST_JOBS }),
    cursor,
  })
  .partial();

const listedJobs = z.object({
  jobs: z.array(jobListItem),
  next_cursor: z.string().nullable().exactOptional().describe('null: this is the last page'),
});

/** `GET /api/jobs`: all runs in the order of their submission; with a filter, pages of the newest first. */
export const listJobs = operation(
  {
    id: 'listJobs',
    tag: 'jobs',
    summary: 'Lists jobs',
    description:
      'All, oldest first; with any parameter, pages of the newest first: pass `next_cursor` as `cursor` for the next one.',
    query: filter,
    answers: { 200: json('Jobs', listedJobs), ...AWAY },
  },
  ({ runs }) =>
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
      const page = await runs.list({
        ...asked,
        ...clientsOf(request),
        order: isFiltered ? 'newest-first' : 'oldest-first',
      });
      const jobs = page.runs.map(toJobListItem);
      response.json(isFiltered ? { jobs, next_cursor: page.nextCursor } : { jobs });
    },
);
