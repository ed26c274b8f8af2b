import { z } from 'zod';
import { Fault, flag, lax, text } from '../../config/lax.js';
import { timestampMs } from '../../records/timestamp.js';
import { openRunOf } from '../../stores/open-run.js';
import type { RunStore } from '../../stores/run-store.js';
import { HttpError } from '../errors.js';
import { requireClient } from '../caller.js';
import { naiveUtc } from '../job-document.js';
import { AWAY, json, operation, problem } from '../operation.js';
import { validate } from '../validation.js';
import { count, moment } from '../wire-words.js';

const time = lax(
  (value) =>
    timestampMs(value) ??
    new Fault(
      'datetime_parsing',
      'Input should be a time such as 2026-01-31, 2026-01-31T12:00:00Z or epoch seconds',
    ),
  { type: 'string' },
);

/** Strict: without a `before` that is misspelt it would be all records. */
const asked = z.strictObject({
  client_id: text,
  workload_id: text,
  before: time.optional(),
  confirm: flag.default(false),
});

const deletion = z
  .object({
    client_id: z.string(),
    workload_id: z.string(),
    before: moment.nullable(),
    matched: count.describe('records that are older'),
    deleted: count,
    dry_run: z.boolean().describe('nothing was deleted: it was not confirmed'),
  })
  .meta({ id: 'LogsDeletion' });

/** `DELETE /api/logs`: counts the records of a workload that are older than a time; with `confirm` they go. */
export const deleteLogs = operation(
  {
    id: 'deleteLogs',
    tag: 'logs and datasets',
    summary: 'Counts old log records of a workload, and deletes them when it is confirmed',
    description: 'Without `before` it is all of them.',
    query: asked,
    answers: {
      200: json('What there was, and what was deleted', deletion),
      404: problem('The key is not good for that client'),
      409: problem('A job of the workload is open and may have to read them again'),
      ...AWAY,
    },
  },
  ({ logs, runs }) =>
    async (request, response) => {
      const { client_id, workload_id, before = null, confirm } = validate(asked, request.query, 'query');
      requireClient(request, client_id);
      const query = { clientId: client_id, workloadId: workload_id, before };
      const matched = await logs.countBefore(query);
      if (confirm) await refuseWhileRead(runs, query);
      const deleted = confirm ? await logs.deleteBefore(query) : 0;
      response.json({
        client_id,
        workload_id,
        before: before === null ? null : naiveUtc(before),
        matched,
        deleted,
        dry_run: !confirm,
      });
    },
);

/** Its datasets may have to be built again. */
async function refuseWhileRead(
  runs: RunStore,
  workload: { clientId: string; workloadId: string },
): Promise<void> {
  const run = await openRunOf(runs, workload);
  if (run)
    throw new HttpError(
      409,
      `Job ${run.runId} of this workload is ${run.status}, and its records stay until it has ended: wait for it, or cancel it.`,
    );
}
