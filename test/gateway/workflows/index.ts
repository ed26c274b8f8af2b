/** Stand-ins that answer what the gateway asks, and do nothing else. */
import { CancellationScope, condition, proxyActivities, setHandler, startChild } from '@temporalio/workflow';
import { newCandidateState, newRunRecord, type RunRequest } from '../../../src/run-record.js';
import { newCustomization, newEvaluation } from '../../../src/run-state.js';
import {
  candidateState,
  candidateWorkflowId,
  cancelCandidate,
  CUSTOMIZATION_ACTIVITY,
  evaluationActivity,
  runState,
  type CandidateInput,
} from '../../../workflows/contract.js';
import type { WatchActivities } from '../watch-activities.js';

const { watch } = proxyActivities<WatchActivities>({
  startToCloseTimeout: '1h',
  heartbeatTimeout: '1m',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/** Runs one candidate; takes a cancellation, yet ends only when it is told so by the signal `cancelCandidate`. */
export async function flywheelRun(input: RunRequest): Promise<void> {
  const { runId, config } = input;
  const record = { ...newRunRecord(input), status: 'running' as const, stage: 'trying-candidates' as const };
  let mayEnd = false;
  setHandler(runState, () => record);
  setHandler(cancelCandidate, () => void (mayEnd = true));
  await CancellationScope.nonCancellable(async () => {
    const [candidate] = config.candidates;
    await startChild('candidate', {
      workflowId: candidateWorkflowId(runId, candidate!.model),
      args: [{ candidate }],
    });
    await condition(() => mayEnd);
  });
}

/** Evaluates and customizes for ever. */
export async function candidate({ candidate }: Pick<CandidateInput, 'candidate'>): Promise<void> {
  const startedAt = new Date().toISOString();
  const state = {
    ...newCandidateState(candidate.model),
    startedAt,
    status: 'running-evals' as const,
    evaluations: [newEvaluation('base', startedAt)],
    customization: newCustomization(startedAt),
  };
  setHandler(candidateState, () => state);
  await Promise.all([
    watch.executeWithOptions({ activityId: CUSTOMIZATION_ACTIVITY }, ['cust-1']),
    watch.executeWithOptions({ activityId: evaluationActivity('base') }, ['eval-1']),
  ]);
}
