import type { RequestHandler } from 'express';
import { z } from 'zod';
import { Fault, flag, lax, text } from '../../config/lax.js';
import { timestampMs } from '../../records/timestamp.js';
import type { RunStore } from '../../stores/run-store.js';
import { HttpError } from '../errors.js';
import { requireClient } from '../guards.js';
import { naiveUtc } from '../job-document.js';
import type { GatewayContext } from '../services.js';
import { validate } from '../validation.js';

const moment = lax(
  (value) =>
    timestampMs(value) ??
    new Fault(
      'datetime_parsing',
      'Input should be a time such as 2026-01-31, 2026-01-31T12:00:00Z or epoch seconds',
    ),
  { type: 'string' },
);

const asked = z.object({
  client_id: text,
  workload_id: text,
  before: moment.optional(),
  confirm: flag.default(false),
});

/** `DELETE /api/logs`: counts the records of a workload that are older than a time; with `confirm` they go. */
export const deleteLogs =
  ({ logs, runs }: GatewayContext): RequestHandler =>
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
      before: before === null ? null : naiveUtc(new Date(before).toISOString()),
      matched,
      deleted,
      dry_run: !confirm,
    });
  };

/** Its datasets may have to be built again. */
async function refuseWhileRead(
  runs: RunStore,
  { clientId, workloadId }: { clientId: string; workloadId: string },
): Promise<void> {
  for (const status of ['pending', 'running'] as const) {
    const [run] = (await runs.list({ status, clientId, workloadId, limit: 1 })).runs;
    if (run)
      throw new HttpError(
        409,
        `Job ${run.runId} of this workload is ${status}, and its records stay until it has ended: wait for it, or cancel it.`,
      );
  }
}
