import { type Client, WorkflowNotFoundError } from '@temporalio/client';

/** Whether a workflow is running, has ended, or is not known here: past its retention, or of another Temporal. */
export async function workflowStatus(
  temporal: Client,
  workflowId: string,
): Promise<'open' | 'closed' | 'unknown'> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' ? 'open' : 'closed';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'unknown';
    throw error;
  }
}
