import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { installationOf } from '../installation.js';
import { messageOf } from '../message-of.js';
import { newRunRecord, type RunRecord, type RunRequest } from '../run-record.js';
import { describeWorkflow, workflowStanding } from '../workflow-standing.js';
import { deleteWorkflowId, FLYWHEEL_RUN, runStartOf, runWorkflowId } from '../../workflows/contract.js';
import { HttpError } from './errors.js';
import type { GatewayContext } from './services.js';
import { askTemporal } from './temporal-call.js';

const ONE_LOOK_MS = 1_000;

/**
 * Records the run as pending and starts its workflow. A request with a known id starts nothing twice; it is a 409
 * if it asks for another run, and begins the run if that never began.
 */
export async function submitRun(context: GatewayContext, request: RunRequest): Promise<void> {
  const { runs, reader } = context;
  const queued = queuedRecord(context, request);
  const record = await queued.catch((trouble: unknown) => notStarted(request, trouble));
  const isFirst = await runs.create(record);
  const known = isFirst ? null : await runs.get(request.runId);
  if (known && known.requestHash !== request.requestHash)
    throw new HttpError(
      409,
      'This Idempotency-Key was used for another request: use a new key for a new job.',
    );
  if (known && !isQueued(known)) return;
  // Nothing is begun where it could not be queued.
  await queued;
  // Put, not replaced: one that is deleted just now begins anew, as any that was deleted before it began.
  if (known?.status === 'failed') await runs.put(record, isQueued);
  reader.forget(request.runId);
  const isStarted = await startWorkflow(context, request);
  if (!isStarted) await refuseDeleted(context, request, isFirst);
}

/** Asked as the record is written: its workflow may have begun meanwhile, and knows better how the run is. */
const isQueued = ({ stage }: RunRecord): boolean => stage === 'queued';

/**
 * Only sweeps of its installation close a run that never begins, since its gateway was killed: so none is recorded as
 * pending before Temporal has told which that is.
 */
async function queuedRecord({ temporal }: GatewayContext, request: RunRequest): Promise<RunRecord> {
  const installation = await askTemporal(temporal, () => installationOf(temporal));
  return { ...newRunRecord(request), installation };
}

/** It stays `queued`: the same Idempotency-Key may try again. */
function notStarted(request: RunRequest, trouble: unknown): RunRecord {
  const error = `Not started: ${messageOf(trouble)}`;
  return { ...newRunRecord(request), status: 'failed', error, finishedAt: new Date().toISOString() };
}

/**
 * A run that had no record but has a workflow, and one that has ended, was deleted: its id starts nothing any more. Not
 * so where the record has moved on meanwhile: then another request with this key has begun it. And a record that was there
 * is either of a run that has ended without a word, or another request has just made it for the deleted one.
 */
async function refuseDeleted(
  { temporal, runs }: GatewayContext,
  { runId }: RunRequest,
  isFirst: boolean,
): Promise<void> {
  const { status } = await askTemporal(temporal, () => workflowStanding(temporal, runWorkflowId(runId)));
  if (status === 'open') return;
  const record = await runs.get(runId);
  if (record && !isQueued(record)) return;
  if (record && !isFirst && !(await isDeleted(temporal, runId))) return;
  await runs.delete(runId);
  throw new HttpError(409, 'The job of this Idempotency-Key was deleted: use a new key for a new job.');
}

/** For as long as Temporal remembers a run, it remembers its deletion, which ended later. */
const isDeleted = async (temporal: Client, runId: string): Promise<boolean> =>
  (await askTemporal(temporal, () => describeWorkflow(temporal, deleteWorkflowId(runId)))) !== null;

/** Says whether the workflow was started now, and not before. */
async function startWorkflow(context: GatewayContext, request: RunRequest): Promise<boolean> {
  const { temporal, taskQueue } = context;
  try {
    await askTemporal(temporal, () => start(temporal, taskQueue, request));
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    // A start whose answer is lost, or late, may have been taken all the same.
    if (await hasBegun(context, request.runId)) return true;
    await context.runs.replace(notStarted(request, error), isQueued);
    throw error;
  }
}

/** Unless it is seen there, it is taken for not begun: Temporal may be away. */
async function hasBegun({ temporal }: GatewayContext, runId: string): Promise<boolean> {
  try {
    const look = () => workflowStanding(temporal, runWorkflowId(runId));
    return (await askTemporal(temporal, look, ONE_LOOK_MS)).status !== 'unknown';
  } catch {
    return false;
  }
}

const start = (temporal: Client, taskQueue: string, request: RunRequest) =>
  temporal.workflow.start(FLYWHEEL_RUN, {
    ...runStartOf(request),
    taskQueue,
    args: [request],
  });
