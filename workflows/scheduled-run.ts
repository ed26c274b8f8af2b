import {
  CancellationScope,
  ChildWorkflowFailure,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { NewRecords } from '../activities/contract.js';
import { shortHash } from '../src/ids.js';
import type { RunRequest } from '../src/run-record.js';
import { endIfCancelled } from './failures.js';
import { FLYWHEEL_RUN, runStartOf, type ScheduledRunInput, type ScheduledRunOutcome } from './contract.js';
import type { flywheelRun } from './flywheel-run.js';
import { proxies } from './proxies.js';

/**
 * One turn of a schedule: starts a run if there are enough new records, and ends with it, so that the schedule starts
 * no second one meanwhile. How the run ends is its own affair.
 */
export async function scheduledRun(input: ScheduledRunInput): Promise<ScheduledRunOutcome> {
  const { workloadId, clientId, config } = input;
  const counted = await proxies(config.timing).quick.countNewRecords.executeWithOptions(
    { summary: `count new records of ${clientId} / ${workloadId}` },
    [{ workloadId, clientId }],
  );
  // Else it would name a job that never begins.
  await endIfCancelled();
  const outcome = outcomeOf(input, counted);
  upsertMemo({ outcome });
  setCurrentDetails(outcome.skipped ?? `${outcome.newRecords} new records: started job ${outcome.runId}.`);
  if (outcome.runId !== null) await runToItsEnd(input, outcome.runId, counted.previous);
  return outcome;
}

function outcomeOf({ minNewRecords }: ScheduledRunInput, { newRecords, previous }: NewRecords) {
  if (minNewRecords === null || newRecords >= minNewRecords) {
    // The same for every attempt at this turn, also after a reset.
    const runId = shortHash(workflowInfo().firstExecutionRunId, 24);
    return { newRecords, runId, skipped: null };
  }
  const since = previous === null ? 'no job has completed yet' : `since job ${previous}`;
  const skipped = `Skipped: ${newRecords} new records (${since}), fewer than the ${minNewRecords} asked for.`;
  return { newRecords, runId: null, skipped };
}

async function runToItsEnd(
  { workloadId, clientId, config, requestHash }: ScheduledRunInput,
  runId: string,
  previous: string | null,
): Promise<void> {
  const submittedAt = new Date().toISOString();
  const run: RunRequest = { runId, workloadId, clientId, submittedAt, config, requestHash };
  try {
    const child = await startRun(run, previous);
    await child.result();
  } catch (error) {
    // A turn that was reset does not run again what has run, or was deleted.
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    if (CancellationScope.current().consideredCancelled || !(error instanceof ChildWorkflowFailure))
      throw error;
  }
}

const startRun = (run: RunRequest, previous: string | null) =>
  startChild<typeof flywheelRun>(FLYWHEEL_RUN, {
    ...runStartOf(run),
    args: [previous === null ? run : { ...run, compareWith: previous }],
    // A run goes on without its schedule.
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
