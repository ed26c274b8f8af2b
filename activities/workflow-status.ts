import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** Where a workflow is; `unknown`: past its retention, never started, or of another Temporal. */
export interface WorkflowStanding {
  status: 'open' | 'closed' | 'unknown';
  /** null while it is open, and when it is not known. */
  closedAt: Date | null;
  /** How it was closed, in a word or two: `terminated`; null while it is open, and when it is not known. */
  closedAs: string | null;
  /** Whether it was closed from outside: then its activities may still be under way. */
  isTornDown: boolean;
  /** Whoever works on it is of the same installation; null when it is not known. */
  taskQueue: string | null;
}

const NOT_CLOSED = { closedAt: null, closedAs: null, isTornDown: false };
const TORN_DOWN = ['TERMINATED', 'TIMED_OUT'];

export async function workflowStanding(temporal: Client, workflowId: string): Promise<WorkflowStanding> {
  try {
    const { status, closeTime, taskQueue } = await temporal.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') return { ...NOT_CLOSED, status: 'open', taskQueue };
    const isTornDown = TORN_DOWN.includes(status.name);
    const closedAs = status.name.toLowerCase().replaceAll('_', ' ');
    return { status: 'closed', closedAt: closeTime ?? null, closedAs, isTornDown, taskQueue };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { ...NOT_CLOSED, status: 'unknown', taskQueue: null };
    throw error;
  }
}

/** Whether a workflow that has closed did so longer ago than that. */
export const isClosedFor = ({ status, closedAt }: WorkflowStanding, ms: number): boolean =>
  status === 'closed' && (closedAt === null || Date.now() - closedAt.getTime() > ms);
