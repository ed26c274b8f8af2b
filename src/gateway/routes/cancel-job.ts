import type { RunRecord } from '../../run-record.js';
import { closedRun, endedUnrecorded } from '../../run-state.js';
import { stillOpen } from '../../stores/run-store.js';
import { type ClosedWorkflow, workflowStanding } from '../../workflow-standing.js';
import { runWorkflowId } from '../../../workflows/contract.js';
import { HttpError, unavailable } from '../errors.js';
import { orFailure } from '../job-failure.js';
import { GONE, isBeingStarted } from '../lost-run.js';
import { AWAY, done, json, operation, problem } from '../operation.js';
import { recordOf, runIdOf } from '../run-id.js';
import type { GatewayContext } from '../services.js';
import { askTemporal } from '../temporal-call.js';

/** `POST /api/jobs/{id}/cancel`: asks the run's workflow to stop; it ends when all that it started has been stopped. */
export const cancelJob = operation(
  {
    id: 'cancelJob',
    tag: 'jobs',
    summary: 'Stops a job and everything it has started',
    description:
      'It is `running` with `stage: cancelling` until all that is stopped, and only then `cancelled`.',
    answers: {
      200: json('It is being cancelled, or was before', done),
      400: problem('`Invalid job_id format`, or the job has already finished'),
      404: problem('There is no such job'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const runId = runIdOf(request);
    const message = await orFailure(`Failed to cancel job ${runId}`, async () => {
      const record = await recordOf(context.runs, runId);
      if (record.finishedAt !== null) throw alreadyFinished();
      return await askTemporal(context.temporal, () => cancelRun(context, record));
    });
    response.json({ id: runId, message });
  },
);

/** Resolves with what was done, in a sentence. */
async function cancelRun(context: GatewayContext, record: RunRecord): Promise<string> {
  const { temporal, reader } = context;
  const workflowId = runWorkflowId(record.runId);
  const standing = await workflowStanding(temporal, workflowId);
  if (standing.status === 'unknown') {
    if (isBeingStarted(record, Date.now()))
      throw unavailable('This job is just being started: cancel it again in a few seconds.');
    await close(context, closedRun(record, GONE, new Date(), reader.lastSeen(record.runId)));
    return `${GONE} There is nothing to cancel: its record is closed as failed.`;
  }
  if (standing.status === 'closed') return await closeRecord(context, record, standing);
  if (standing.isCancelling || record.stage === 'cancelling') return 'Job is already cancelled.';
  await temporal.workflow.getHandle(workflowId).cancel();
  reader.noteCancellation(record.runId);
  return 'Job cancellation initiated successfully.';
}

/** The workflow is closed: it has just recorded its end, or it never will. */
async function closeRecord(
  context: GatewayContext,
  record: RunRecord,
  { closedAs, closedAt }: ClosedWorkflow,
): Promise<string> {
  const { runs, reader } = context;
  const last = await recordOf(runs, record.runId);
  if (last.finishedAt !== null) throw alreadyFinished();
  await close(context, closedRun(last, endedUnrecorded(closedAs), closedAt, reader.lastSeen(last.runId)));
  return `The workflow of this job has already ended as ${closedAs}: its record is closed as failed.`;
}

/** What has been deleted meanwhile does not come back, and an end that was recorded meanwhile stays. */
async function close({ runs, reader }: GatewayContext, run: RunRecord): Promise<void> {
  const isClosed = await runs.replace(run, stillOpen);
  reader.forget(run.runId);
  if (isClosed) return;
  await recordOf(runs, run.runId);
  throw alreadyFinished();
}

const alreadyFinished = () => new HttpError(400, 'Cannot cancel a job that has already finished.');
