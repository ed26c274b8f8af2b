/** Everything that a caller may say to a workflow: names, ids, inputs, results, signals, queries. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BuiltDatasets } from '../activities/contract.js';
import type { CandidateConfig, RunConfig } from '../src/config/run-config.js';
import { modelSlug } from '../src/ids.js';
import type { CandidateState, RunRecord, RunRequest } from '../src/run-record.js';

export type RunInput = RunRequest;

export interface RunResult {
  status: 'completed';
  /** One line of verdict per candidate. */
  verdicts: { model: string; verdict: string }[];
}

export interface CandidateInput {
  runId: string;
  workloadId: string;
  clientId: string;
  candidate: CandidateConfig;
  datasets: BuiltDatasets;
  config: RunConfig;
}

/** What a finished run left on the platform, read from its record. */
export interface DeleteRunInput {
  runId: string;
  workloadId: string;
  /** The configuration that the run had. */
  config: RunConfig;
}

/** Names under which the workflows are started. */
export const FLYWHEEL_RUN = 'flywheelRun';
export const DELETE_RUN = 'deleteRun';

export const DEFAULT_TASK_QUEUE = 'flywheel';
/** Long waits on external jobs have a queue of their own, so that they never starve short activities. */
export const watchQueue = (queue: string): string => `${queue}-watch`;
export const dataQueue = (queue: string): string => `${queue}-data`;

export const runWorkflowId = (runId: string): string => `flywheel-${runId}`;
export const candidateWorkflowId = (runId: string, model: string): string =>
  `${runWorkflowId(runId)}-${modelSlug(model)}`;
export const deleteWorkflowId = (runId: string): string => `delete-${runId}`;

/** Activity ids of a candidate, by which the heartbeat of a pending activity is laid over the document. */
export const CUSTOMIZATION_ACTIVITY = 'customization';
export const DEPLOYMENT_ACTIVITY = 'deployment';
export const evaluationActivity = (kind: string): string => `${kind}-eval`;

export const runState = defineQuery<RunRecord>('runState');
export const candidateState = defineQuery<CandidateState>('candidateState');
/** Ends the run as `cancelled`, exactly like a cancellation by the API, the CLI or the UI. */
export const cancel = defineSignal('cancel');
/** From a cancelled child to its run: what it had reached, since a cancelled workflow returns nothing. */
export const candidateCancelled = defineSignal<[CandidateState]>('candidateCancelled');
/** Stops one candidate by its model; the run goes on with the others. */
export const cancelCandidate = defineSignal<[string]>('cancelCandidate');
