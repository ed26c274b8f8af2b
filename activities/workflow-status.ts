import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** Where a workflow is; `unknown`: past its retention, never started, or of another Temporal. */
export interface WorkflowStanding {
  status: 'open' | 'closed' | 'unknown';
  /** null while it is open, and when it is not known. */
  closedAt: Date | null;
}

export async function workflowStanding(temporal: Client, workflowId: string): Promise<WorkflowStanding> {
  try {
    const { status, closeTime } = await temporal.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') return { status: 'open', closedAt: null };
    return { status: 'closed', closedAt: closeTime ?? null };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { status: 'unknown', closedAt: null };
    throw error;
  }
}
