import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

/** Where Temporal says that a workflow is; it needs no worker to say so. */
type WorkflowStanding =
  | OpenWorkflow
  | ClosedWorkflow
  /** Past its retention, never started, or of another Temporal. */
  | { status: 'unknown'; taskQueue: null };

interface OpenWorkflow {
  status: 'open';
  /** Whoever works on it is of the same installation. */
  taskQueue: string;
  /** From the moment at which Temporal took the cancellation, before any worker hears of it. */
  isCancelling: boolean;
  description: WorkflowExecutionDescription;
}

export interface ClosedWorkflow {
  status: 'closed';
  taskQueue: string;
  /** How, in a word or two: `terminated`. */
  closedAs: string;
  closedAt: Date;
  /** Whether it was closed from outside: then its activities may still be under way. */
  isTornDown: boolean;
}

const TORN_DOWN = ['TERMINATED', 'TIMED_OUT'];

export async function workflowStanding(temporal: Client, workflowId: string): Promise<WorkflowStanding> {
  const description = await describeWorkflow(temporal, workflowId);
  if (description === null) return { status: 'unknown', taskQueue: null };
  const { status, closeTime, taskQueue, raw } = description;
  if (status.name === 'RUNNING') {
    const isCancelling = raw.workflowExtendedInfo?.cancelRequested ?? false;
    return { status: 'open', taskQueue, isCancelling, description };
  }
  return {
    status: 'closed',
    taskQueue,
    closedAs: status.name.toLowerCase().replaceAll('_', ' '),
    closedAt: closeTime ?? new Date(),
    isTornDown: TORN_DOWN.includes(status.name),
  };
}

/** null: Temporal knows no such workflow. */
export async function describeWorkflow(
  temporal: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | null> {
  try {
    return await temporal.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Whether a workflow that has closed did so longer ago than that. */
export const isClosedFor = (standing: WorkflowStanding, ms: number): boolean =>
  standing.status === 'closed' && Date.now() - standing.closedAt.getTime() > ms;
