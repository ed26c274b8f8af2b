/** What each activity takes and gives: ids, names, counts and scores, never rows. */
import type {
  CandidateConfig,
  EvaluationConfig,
  IclConfig,
  JudgeConfig,
  SplitConfig,
  TimingConfig,
  TrainingConfig,
} from '../src/config/run-config.js';
import type { ModelNeed, PoolMessage } from '../src/gpu-pool.js';
import type { DatasetName } from '../src/nemo/data-store.js';
import type { EvaluationName } from '../src/nemo/evaluator.js';
import type {
  CandidateState,
  DatasetRef,
  EvaluationSlice,
  EvaluationState,
  ExperimentKind,
  Funnel,
  RunComparison,
  RunRecord,
  ScoreSummary,
  Verdict,
  WorkloadType,
} from '../src/run-record.js';
import type { Census, Letter, LostUse, Sighting } from '../workflows/contract.js';

export type { EvaluationName } from '../src/nemo/evaluator.js';

/** How a wait polls and when it gives up; a wait gives up only after `stallMs` without a sign of life. */
export interface Patience {
  pollMs: number;
  stallMs: number;
}

/** Heartbeat of every watch; the gateway lays it over the job document. A new attempt resumes from it. */
export interface JobProgress {
  externalId: string;
  uri: string;
  /** The platform's own word. */
  status: string;
  /** 0..100; null when the platform does not say. */
  percent: number | null;
  epochsCompleted: number | null;
  stepsCompleted: number | null;
  trainLoss: number | null;
  validationLoss: number | null;
  samplesProcessed: number | null;
}

export interface BuildDatasetsInput {
  runId: string;
  workloadId: string;
  clientId: string;
  namespace: string;
  split: SplitConfig;
  icl: IclConfig;
  evaluation: EvaluationConfig;
}

export interface BuiltDatasets {
  workloadType: WorkloadType;
  evaluation: DatasetRef;
  inContext: DatasetRef;
  training: DatasetRef;
  slices: EvaluationSlice[];
  funnel: Funnel;
  warnings: string[];
  /** ISO 8601 with `Z`. */
  readingBeganAt: string;
}

/** A deployment that the lease of a model stands for. */
export interface LeasedDeployment {
  need: ModelNeed;
  /** Workflow id of the pool: a deployment of another one is not ours. */
  pool: string;
  patience: Patience;
}

export interface DeployModelInput extends LeasedDeployment {
  /** Workflow id of the served model. */
  holder: string;
}

interface DeployedModel {
  /** A deployment that is not ours: used, never deleted. */
  foreign: boolean;
}

/** GPUs that a job runs on. */
export interface UsedGpus {
  use: string;
  /** Workflow id of the pool that has granted it. */
  pool: string;
}

/** The job is named after the use of GPUs that it runs under. */
export interface RunCustomizationInput extends UsedGpus {
  namespace: string;
  candidate: CandidateConfig;
  training: TrainingConfig;
  /** Name of the training dataset in `namespace`. */
  dataset: string;
  patience: Patience;
}

export interface CustomizationResult {
  jobId: string;
  uri: string;
  /** `<namespace>/<name>@<revision>`, the id under which the NIM proxy lists the adapter. */
  customizedModel: string;
  epochsCompleted: number;
  stepsCompleted: number;
  trainLoss: number | null;
  validationLoss: number | null;
}

export interface EvaluationTarget {
  /** Model id as the NIM proxy lists it: the candidate's or the customized model's. */
  model: string;
  /** Full chat-completions URL of an external model; null: through the NIM proxy. */
  url: string | null;
}

export interface RunEvaluationInput {
  runId: string;
  namespace: string;
  /** The candidate's configured model; with `kind` it names the evaluation. */
  candidate: string;
  kind: ExperimentKind;
  target: EvaluationTarget;
  judge: JudgeConfig;
  /** Name of the evaluation (base, customized) or in-context dataset. */
  dataset: string;
  slices: EvaluationSlice[];
  /** null: others serve all that it needs. */
  gpus: UsedGpus | null;
  patience: Patience;
}

interface EvaluationResult {
  jobId: string;
  uri: string;
  /** `interval` and `difference` are filled by the report. */
  scores: ScoreSummary[];
}

export interface ReportCandidateInput {
  model: string;
  target: number;
  slices: EvaluationSlice[];
  evaluations: EvaluationState[];
}

export interface NewRecords {
  /** Records since the last completed run of the workload; all of them where there was none. */
  newRecords: number;
  /** That run. */
  previous: string | null;
}

export interface CompareWithRunInput {
  /** The earlier run. */
  runId: string;
  candidates: CandidateState[];
}

interface CandidateReport {
  /** The same evaluations, scores completed by intervals and paired differences. */
  evaluations: EvaluationState[];
  verdict: Verdict;
}

export interface SendLettersInput {
  taskQueue: string;
  letters: Letter[];
  /** Of the served models that are started. */
  timing: TimingConfig;
}

export interface SentLetters {
  /** Ids of letters that have arrived, or whose receiver is gone; the others could not be sent. */
  acknowledged: number[];
  /** Workflow ids of receivers that are not there. */
  lost: string[];
}

/** What nobody knows of any more. */
export interface Leftovers {
  /** `census`: it does not know yet who holds what, so that neither deployments nor trainings are judged. */
  pool: 'none' | 'census' | 'serving';
  /** Deployments of ours without a lease. */
  deployments: ModelNeed[];
  /** Uses that are in no ledger and whose training runs. */
  trainings: string[];
  /** Running evaluations of candidates that have ended. */
  evaluations: EvaluationName[];
  /** Of runs that are deleted. */
  datasets: DatasetName[];
  /** Customized models of runs that are deleted, as `<namespace>/<name>`. */
  models: string[];
  /** Runs whose deletion ended before it was done. */
  deletions: string[];
  /** Runs that have ended without recording that, or never began. */
  unclosed: string[];
}

/** Every activity; `createActivities(services)` makes them. */
export interface Activities {
  /** queue -data: reads the log store, builds and uploads the datasets. Heartbeats a count of records. */
  buildDatasets(input: BuildDatasetsInput): Promise<BuiltDatasets>;

  /**
   * queue -watch: find or create, then poll to the end. Jobs fail with LEASE_LOST when their GPUs are not theirs any
   * more.
   */
  deployModel(input: DeployModelInput): Promise<DeployedModel>;
  /** Resolves, with the reason, when a deployment that was ready is dead or gone. */
  watchDeployment(input: Omit<LeasedDeployment, 'pool'>): Promise<string>;
  /** Resolves when the deployment is seen to be gone, or is not ours. */
  undeployModel(input: LeasedDeployment): Promise<void>;
  runCustomization(input: RunCustomizationInput): Promise<CustomizationResult>;
  /** Waits first until the NIM proxy lists the target: an adapter appears some time after its training. */
  runEvaluation(input: RunEvaluationInput): Promise<EvaluationResult>;

  /** Stops the job if there is one and resolves when it is seen to be over. */
  stopCustomization(input: { use: string; patience: Patience }): Promise<void>;
  stopEvaluation(input: EvaluationName & { patience: Patience }): Promise<void>;
  /** Stops whatever of a run's jobs still runs, whoever had it run, and resolves when all are seen to be over. */
  stopJobsOfRun(input: { runId: string; models: string[]; patience: Patience }): Promise<void>;

  /** Says something to the GPU pool, which is started if there is none. Local: to Temporal only. */
  tellPool(input: { taskQueue: string; message: PoolMessage }): Promise<void>;
  /**
   * Asks again for whatever the calling workflow still waits for. It never succeeds: attempts that fail leave nothing in a
   * history, so each repetition is one.
   */
  repeatRequests(input: { taskQueue: string }): Promise<never>;
  /** Sends what stands in the pool's outbox; what could not be sent is left out of what is acknowledged. */
  sendLetters(input: SendLettersInput): Promise<SentLetters>;
  /** Looks at workflows by their ids; open holders are asked what they hold. */
  lookAround(input: { workflowIds: string[]; graceMs: number }): Promise<Record<string, Sighting>>;
  /** Asks everybody on this queue what they hold, then lists what is deployed and trained. */
  takeCensus(input: { taskQueue: string }): Promise<Census>;
  /** Whether a pool of this id has been there before this run of it. */
  poolWasThere(input: { workflowId: string; runId: string }): Promise<boolean>;
  /** Stops the jobs of a use that nobody has any more, and sees them stopped. */
  stopLostJobs(input: { lost: LostUse; patience: Patience }): Promise<void>;

  /** At least how many records came since the last completed run of the workload. */
  countNewRecords(input: { workloadId: string; clientId: string }): Promise<NewRecords>;
  /** null: the earlier run has been deleted. */
  compareWithRun(input: CompareWithRunInput): Promise<RunComparison | null>;

  recordRun(input: { run: RunRecord }): Promise<void>;
  reportCandidate(input: ReportCandidateInput): Promise<CandidateReport>;
  /** Turns the signal `cancel` into a cancellation of the workflow itself. */
  requestCancellation(input: { workflowId: string }): Promise<void>;

  /**
   * Resolves when the workflows of the run and of its candidates are closed or gone: a last step may still be under
   * way. One that was terminated counts as closed after the grace: until then it may still upload, or begin a job.
   */
  awaitRunClosed(input: { runId: string; models: string[] }): Promise<void>;
  /** Deletion of a finished run: datasets, customized models, evaluations, then its record. */
  deleteDatasets(input: { runId: string; workloadId: string; namespace: string }): Promise<void>;
  deleteCustomization(input: { runId: string; model: string }): Promise<void>;
  deleteEvaluations(input: { runId: string }): Promise<void>;
  deleteRunRecord(input: { runId: string }): Promise<void>;

  /** Looks for what is left behind on the platform, and for deletions that were broken off. */
  findLeftovers(input: { taskQueue: string; graceMs: number }): Promise<Leftovers>;
  /** An absent one is fine. */
  removeDataset(input: { dataset: DatasetName }): Promise<void>;
  removeModel(input: { model: string }): Promise<void>;
  /** Closes the record of a run whose workflow has ended without recording that, or never began. */
  closeRecord(input: { taskQueue: string; graceMs: number; runId: string }): Promise<void>;
  /** Starts the deletion of a run again, which goes on where it ended. */
  resumeDeletion(input: { taskQueue: string; runId: string }): Promise<void>;

  /** Deletes old log records but those of workloads with an open run; says how many of which workload. */
  expireRecords(input: { olderThanMs: number }): Promise<string[]>;
  /** Starts the deletion of runs that ended longer ago; says which. */
  expireRuns(input: { taskQueue: string; olderThanMs: number }): Promise<string[]>;
}
