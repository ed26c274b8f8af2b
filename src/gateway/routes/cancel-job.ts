import type { RequestHandler } from 'express';
import type { RunRecord } from '../../run-record.js';
import { runWorkflowId } from '../../../workflows/contract.js';
import { HttpError, unavailable } from '../errors.js';
import { describeWorkflow, endOf, isCancelRequested } from '../live-run.js';
import { closedRecord, GONE, isBeingStarted } from '../lost-run.js';
import { recordOf, runIdOf } from '../run-id.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';

/** `POST /api/jobs/{id}/cancel`: asks the run's workflow to stop; it ends when all that it started has been stopped. */
export const cancelJob =
  (context: GatewayContext): RequestHandler =>
  async (request, response) => {
    const runId = runIdOf(request);
    const record = await recordOf(context.runs, runId);
    if (record.finishedAt !== null)
      throw new HttpError(400, 'Cannot cancel a job that has already finished.');
    const message = await askTemporal(context.temporal, () => cancelRun(context, record));
    response.json({ id: runId, message });
  };

/** Resolves with what was done, in a sentence. */
async function cancelRun(context: GatewayContext, record: RunRecord): Promise<string> {
  const { temporal, runs } = context;
  const workflowId = runWorkflowId(record.runId);
  const description = await describeWorkflow(temporal, workflowId);
  if (description === null) {
    if (isBeingStarted(record, Date.now()))
      throw unavailable('This job is just being started: cancel it again in a few seconds.');
    await runs.put({ ...closedRecord(record, 'lost', new Date()), error: GONE });
    return `${GONE} There is nothing to cancel: its record is closed as failed.`;
  }
  if (description.status.name !== 'RUNNING') return await closeRecord(context, record, endOf(description));
  if (isCancelRequested(description) || record.stage === 'cancelling') return 'Job is already cancelled.';
  await temporal.workflow.getHandle(workflowId).cancel();
  return 'Job cancellation initiated successfully.';
}

/** The workflow is closed: it has just recorded its end, or it never will. */
async function closeRecord(
  { runs }: GatewayContext,
  record: RunRecord,
  { how, closedAt }: { how: string; closedAt: Date },
): Promise<string> {
  const last = await recordOf(runs, record.runId);
  if (last.finishedAt !== null) throw new HttpError(400, 'Cannot cancel a job that has already finished.');
  await runs.put(closedRecord(last, how, closedAt));
  return `The workflow of this job has already ended as ${how}: its record is closed as failed.`;
}
