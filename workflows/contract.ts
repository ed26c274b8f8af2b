/** Everything that a caller may say to a workflow: names, ids, inputs, results, signals, queries. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { BuiltDatasets } from '../activities/contract.js';
import type { CandidateConfig, RetentionConfig, RunConfig, TimingConfig } from '../src/config/run-config.js';
import type {
  GpuPoolSettings,
  GpuPoolState,
  HeldUse,
  ModelNeed,
  PoolAnswer,
  PoolMessage,
} from '../src/gpu-pool.js';
import { modelSlug } from '../src/ids.js';
import type { CandidateState, RunRecord, RunRequest } from '../src/run-record.js';
import { keyword } from '../src/search-attributes.js';
import type { ServedLease } from './ledger/census.js';
import type { PackedLedger } from './ledger/pack.js';
import type { Ledger } from './ledger/state.js';

export type { Census, ServedLease } from './ledger/census.js';
export type { Letter } from './ledger/outbox.js';
export type { LostUse, Sighting } from './ledger/pass.js';

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

/** What a schedule starts each time. */
export interface ScheduledRunInput {
  workloadId: string;
  clientId: string;
  /** Fewer new records than this start no run; null: a run is always started. */
  minNewRecords: number | null;
  config: RunConfig;
  requestHash: string;
}

/** What became of one turn of a schedule; also in the memo of its workflow. */
export interface ScheduledRunOutcome {
  newRecords: number;
  /** The run that was started. */
  runId: string | null;
  /** Why none was started. */
  skipped: string | null;
}

export interface GpuPoolInput {
  settings: GpuPoolSettings;
  /** Of the served models and of what the pool does itself. */
  timing: TimingConfig;
  /** Messages after which the pool continues as new; null: when Temporal suggests it. */
  continueAfter: number | null;
  /** What an earlier run of this pool knew; null: it has to ask everybody first. */
  ledger: Ledger | PackedLedger | null;
  /** Holders that a letter did not reach, and who are still to be looked at. */
  suspects?: string[];
  /** It was asked to end as soon as nobody uses anything. */
  isRetiring: boolean;
}

export interface ServedModelInput {
  lease: string;
  need: ModelNeed;
  pool: string;
  timing: TimingConfig;
  /** Nothing is to be deployed, only removed. */
  closing: boolean;
}

export interface SweepInput {
  timing: TimingConfig;
  /** As the pool's: who has ended may be followed that much later. */
  graceMs: number;
  /** Left out: nothing goes because it is old. */
  retention?: RetentionConfig;
}

/** `census`: the pool does not know yet. */
export type UseState = 'granted' | 'waiting' | 'unknown' | 'census';

/** What a sweep found and dealt with, by name. */
export interface Swept {
  /** Models whose deployments were reported to the pool. */
  reported: string[];
  stopped: string[];
  /** Datasets and models that were removed. */
  removed: string[];
  /** Runs whose deletion goes on. */
  resumed: string[];
  /** Log records, and runs, that were old enough. */
  expired: string[];
  /** Runs whose record was closed. */
  closed: string[];
  /** What could not be done, and why: the next sweep tries again. */
  problems: string[];
}

/** Names under which the workflows are started. */
export const FLYWHEEL_RUN = 'flywheelRun';
export const SCHEDULED_RUN = 'scheduledRun';
export const DELETE_RUN = 'deleteRun';
export const GPU_POOL = 'gpuPool';
export const SERVED_MODEL = 'servedModel';
export const CANDIDATE = 'candidate';
export const SWEEP = 'sweep';

export const DEFAULT_TASK_QUEUE = 'flywheel';
/** Long waits, as on external jobs, have a queue of their own, so that they never starve short activities. */
export const watchQueue = (queue: string): string => `${queue}-watch`;
export const dataQueue = (queue: string): string => `${queue}-data`;

export const runWorkflowId = (runId: string): string => `flywheel-${runId}`;
export const candidateWorkflowId = (runId: string, model: string): string =>
  `${runWorkflowId(runId)}-${modelSlug(model)}`;
/** One pool for each installation; an installation is what works on one task queue. */
export const gpuPoolWorkflowId = (taskQueue: string): string =>
  taskQueue === DEFAULT_TASK_QUEUE ? 'gpu-pool' : `gpu-pool-${taskQueue}`;
export const SCHEDULE_PREFIX = 'flywheel-schedule-';
/** Id of the schedule in Temporal, and the beginning of the ids of what it starts. */
export const temporalScheduleId = (scheduleId: string): string => SCHEDULE_PREFIX + scheduleId;
export const deleteWorkflowId = (runId: string): string => `delete-${runId}`;
/** How a run is started, whoever wants it; never twice under one id. */
export const runStartOf = ({ runId, workloadId, clientId }: RunRequest) => ({
  workflowId: runWorkflowId(runId),
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  typedSearchAttributes: [
    keyword('FlywheelWorkloadId', workloadId),
    keyword('FlywheelClientId', clientId),
    keyword('FlywheelStatus', 'pending'),
  ],
  memo: { workloadId, clientId, stage: 'queued' },
  staticSummary: `${clientId} / ${workloadId}`.slice(0, 100),
});
/** How the deletion of a run is started, whoever wants it; one that is under way is gone on with. */
export const deletionOf = (taskQueue: string, { runId, workloadId, config }: DeleteRunInput) => ({
  taskQueue,
  workflowId: deleteWorkflowId(runId),
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  args: [{ runId, workloadId, config }] satisfies [DeleteRunInput],
});
/** Of the Schedule; its workflows have the time of their start behind it. */
export const sweepScheduleId = (taskQueue: string): string =>
  taskQueue === DEFAULT_TASK_QUEUE ? 'sweep' : `sweep-${taskQueue}`;

/** Type of the failure of a job that may not begin, or was stopped, because its GPUs are not its own any more. */
export const LEASE_LOST = 'LeaseLost';

/** Activity ids of a candidate, by which the heartbeat of a pending activity is laid over the document. */
export const CUSTOMIZATION_ACTIVITY = 'customization';
export const evaluationActivity = (kind: string): string => `${kind}-eval`;

export const runState = defineQuery<RunRecord>('runState');
export const candidateState = defineQuery<CandidateState>('candidateState');
/** Ends the run as `cancelled`, exactly like a cancellation by the API, the CLI or the UI. */
export const cancel = defineSignal('cancel');
/** From a cancelled child to its run: what it had reached, since a cancelled workflow returns nothing. */
export const candidateCancelled = defineSignal<[CandidateState]>('candidateCancelled');
/** Stops one candidate by its model; the run goes on with the others. */
export const cancelCandidate = defineSignal<[string]>('cancelCandidate');

/** To the pool; a sender puts together what it has. */
export const poolMessages = defineSignal<[PoolMessage[]]>('messages');
/** Who holds GPUs and why, and who waits. */
export const leases = defineQuery<GpuPoolState>('leases');
/** Whether each of these uses is granted. Cheaper than `leases`: each job asks before it is created. */
export const useStates = defineQuery<UseState[], [string[]]>('uses');
/** From the pool to who asked for GPUs. */
export const gpuAnswer = defineSignal<[PoolAnswer]>('gpuAnswer');
/** The uses of GPUs that a workflow has, from before it asks until its release is acknowledged. */
export const held = defineQuery<HeldUse[]>('held');
/** To a served model: undeploy and end. */
export const closeModel = defineSignal('close');
export const servedModelState = defineQuery<ServedLease>('servedModelState');
