import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { newRunRecord, type RunRecord, type RunRequest } from '../run-record.js';
import { keyword } from '../search-attributes.js';
import { FLYWHEEL_RUN, runWorkflowId } from '../../workflows/contract.js';
import { HttpError } from './errors.js';
import type { GatewayContext } from './services.js';
import { askTemporal } from './temporal-call.js';

/**
 * Records the run as pending and starts its workflow. A request with a known id starts nothing twice; it is a 409
 * if it asks for another run, and begins the run if that never began.
 */
export async function submitRun(context: GatewayContext, request: RunRequest): Promise<void> {
  const created = await context.runs.create(newRunRecord(request));
  if (created) return await startWorkflow(context, request);

  const known = await context.runs.get(request.runId);
  if (known && !isSameRun(known, request))
    throw new HttpError(
      409,
      'This Idempotency-Key was used for another request: use a new key for a new job.',
    );
  if (known && known.stage !== 'queued') return;
  if (known?.status === 'failed') await context.runs.put(newRunRecord(request));
  await startWorkflow(context, request);
}

async function startWorkflow(context: GatewayContext, request: RunRequest): Promise<void> {
  const { temporal, taskQueue } = context;
  try {
    await askTemporal(temporal, () => start(temporal, taskQueue, request));
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    const reason = error instanceof Error ? error.message : String(error);
    // It stays `queued`: the same Idempotency-Key may try again.
    const failed = { ...newRunRecord(request), status: 'failed' as const, error: `Not started: ${reason}` };
    await context.runs.put({ ...failed, finishedAt: new Date().toISOString() });
    throw error;
  }
}

const start = (temporal: Client, taskQueue: string, request: RunRequest) =>
  temporal.workflow.start(FLYWHEEL_RUN, {
    taskQueue,
    workflowId: runWorkflowId(request.runId),
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [request],
    typedSearchAttributes: [
      keyword('FlywheelWorkloadId', request.workloadId),
      keyword('FlywheelClientId', request.clientId),
      keyword('FlywheelStatus', 'pending'),
    ],
    memo: { workloadId: request.workloadId, clientId: request.clientId, stage: 'queued' },
    staticSummary: `${request.clientId} / ${request.workloadId}`.slice(0, 100),
  });

const isSameRun = (known: RunRecord, request: RunRequest): boolean =>
  known.workloadId === request.workloadId &&
  known.clientId === request.clientId &&
  Object.entries(request.config.split).every(
    ([key, value]) => value === Reflect.get(known.config.split, key),
  );
