import type { RunRecord } from '../../run-record.js';
import { workflowStanding } from '../../workflow-standing.js';
import { DELETE_RUN, deletionOf, runWorkflowId } from '../../../workflows/contract.js';
import { HttpError } from '../errors.js';
import { orFailure } from '../job-failure.js';
import { AWAY, done, json, operation, problem } from '../operation.js';
import { recordOf, runIdOf } from '../run-id.js';
import type { GatewayContext } from '../services.js';
import { askTemporal, LIMIT_MS } from '../temporal-call.js';

/** `DELETE /api/jobs/{id}`: starts the deletion of all that a finished run left behind; its record goes last. */
export const deleteJob = operation(
  {
    id: 'deleteJob',
    tag: 'jobs',
    summary: 'Deletes a finished job and everything it left on the platform',
    answers: {
      200: json('It is being deleted; the record goes last', done),
      400: problem('`Invalid job_id format`, or the job is unfinished'),
      404: problem('There is no such job'),
      ...AWAY,
    },
  },
  (context) => async (request, response) => {
    const id = runIdOf(request);
    await orFailure(`Failed to initiate job deletion for ${id}`, async () => {
      const record = await recordOf(context.runs, id);
      if (record.finishedAt === null && !(await hasEnded(context, id)))
        throw new HttpError(400, 'Cannot delete a running job. Please cancel the job first.');
      await startDeletion(context, record);
      context.reader.forget(id);
    });
    response.json({ id, message: 'Job deletion started. Resources will be cleaned up in the background.' });
  },
);

/** A run whose end could not be recorded is open in the store alone. What is only remembered is no proof. */
async function hasEnded({ temporal, reader }: GatewayContext, runId: string): Promise<boolean> {
  const standing = await askTemporal(temporal, () => workflowStanding(temporal, runWorkflowId(runId)));
  const mayHaveEnded = standing.status !== 'open' || reader.lastSeen(runId)?.finishedAt;
  reader.forget(runId);
  // Of one that still runs only a worker could say so, and there need be none.
  const reading = await reader.read(runId, mayHaveEnded ? LIMIT_MS : undefined);
  return reading !== null && reading.staleSeconds === null && reading.run.finishedAt !== null;
}

async function startDeletion({ temporal, taskQueue }: GatewayContext, record: RunRecord): Promise<void> {
  const { workloadId, clientId } = record;
  await askTemporal(temporal, () =>
    temporal.workflow.start(DELETE_RUN, {
      ...deletionOf(taskQueue, record),
      staticSummary: `delete ${clientId} / ${workloadId}`.slice(0, 100),
    }),
  );
}
