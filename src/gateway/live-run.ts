import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { CandidateState, RunRecord } from '../run-record.js';
import { candidateState, candidateWorkflowId, runState, runWorkflowId } from '../../workflows/contract.js';
import { heartbeatsOf, withProgress } from './progress.js';

/** Where Temporal says that a run's workflow stands. */
export type LiveRun =
  | { workflow: 'open'; run: RunRecord }
  | { workflow: 'closed'; how: string; closedAt: Date }
  | { workflow: 'gone' };

/** Asks the workflows of a run for its state, with the live progress of what they wait for. */
export async function readLiveRun(temporal: Client, runId: string): Promise<LiveRun> {
  const handle = temporal.workflow.getHandle(runWorkflowId(runId));
  const description = await describeWorkflow(temporal, runWorkflowId(runId));
  if (description === null) return { workflow: 'gone' };
  if (description.status.name !== 'RUNNING') return { workflow: 'closed', ...endOf(description) };
  const run = await handle.query(runState);
  const candidates = await Promise.all(
    run.candidates.map((candidate) => readLiveCandidate(temporal, runId, candidate)),
  );
  const stage = isCancelRequested(description) && run.finishedAt === null ? 'cancelling' : run.stage;
  return { workflow: 'open', run: { ...run, candidates, stage } };
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

/** True from the moment at which Temporal took the cancellation, before any worker hears of it. */
export const isCancelRequested = ({ raw }: WorkflowExecutionDescription): boolean =>
  raw.workflowExtendedInfo?.cancelRequested ?? false;

/** How and when a workflow that is not running ended. */
export const endOf = ({ status, closeTime }: WorkflowExecutionDescription) => ({
  how: status.name.toLowerCase().replaceAll('_', ' '),
  closedAt: closeTime ?? new Date(),
});

/** The run's own word holds before its candidate is started and after it has ended. */
async function readLiveCandidate(
  temporal: Client,
  runId: string,
  known: CandidateState,
): Promise<CandidateState> {
  if (known.finishedAt !== null) return known;
  const workflowId = candidateWorkflowId(runId, known.model);
  const description = await describeWorkflow(temporal, workflowId);
  if (description === null) return known;
  const state = await temporal.workflow.getHandle(workflowId).query(candidateState);
  const { loadedDataConverter } = temporal.options;
  return withProgress(state, await heartbeatsOf(description.raw, loadedDataConverter));
}
