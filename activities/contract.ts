/** What each activity takes and gives: ids, names, counts and scores, never rows. */
import type {
  CandidateConfig,
  EvaluationConfig,
  IclConfig,
  JudgeConfig,
  ManagedDeployment,
  SplitConfig,
  TrainingConfig,
} from '../src/config/run-config.js';
import type {
  DatasetRef,
  EvaluationSlice,
  EvaluationState,
  ExperimentKind,
  Funnel,
  RunRecord,
  ScoreSummary,
  Verdict,
  WorkloadType,
} from '../src/run-record.js';

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
}

export interface DeploymentRef {
  namespace: string;
  model: string;
  /** Workflow id of who deploys; only a deployment with this holder is ever removed by it. */
  holder: string;
}

export interface DeployModelInput extends DeploymentRef {
  deployment: ManagedDeployment;
  /**
   * Deployed only once this one belongs to its holder, or to nobody of ours; null: at once. Every run takes its judge
   * first and its candidates after it, so that no two runs wait for each other.
   */
  after: DeploymentRef | null;
  patience: Patience;
}

interface DeployedModel {
  /** A deployment that is not ours: used, never deleted. */
  foreign: boolean;
}

export interface UndeployModelInput extends DeploymentRef {
  patience: Patience;
}

export interface RunCustomizationInput {
  runId: string;
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

/** Names a run's customization job of one candidate; enough to find it without its id. */
export interface CustomizationRef {
  runId: string;
  namespace: string;
  model: string;
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
  /** The judge's deployment by this run; null for a judge that others serve. */
  judgeDeployment: DeploymentRef | null;
  /** Name of the evaluation (base, customized) or in-context dataset. */
  dataset: string;
  slices: EvaluationSlice[];
  patience: Patience;
}

interface EvaluationResult {
  jobId: string;
  uri: string;
  /** `interval` and `difference` are filled by the report. */
  scores: ScoreSummary[];
}

export interface EvaluationRef {
  runId: string;
  candidate: string;
  kind: ExperimentKind;
}

export interface ReportCandidateInput {
  model: string;
  target: number;
  slices: EvaluationSlice[];
  evaluations: EvaluationState[];
}

interface CandidateReport {
  /** The same evaluations, scores completed by intervals and paired differences. */
  evaluations: EvaluationState[];
  verdict: Verdict;
}

/** Every activity; `createActivities(services)` makes them. */
export interface Activities {
  /** queue -data: reads the log store, builds and uploads the datasets. Heartbeats a count of records. */
  buildDatasets(input: BuildDatasetsInput): Promise<BuiltDatasets>;

  /** queue -watch: find or create, then poll to the end. */
  deployModel(input: DeployModelInput): Promise<DeployedModel>;
  undeployModel(input: UndeployModelInput): Promise<void>;
  runCustomization(input: RunCustomizationInput): Promise<CustomizationResult>;
  /** Waits first for the run's own judge, and until the NIM proxy lists the target: an adapter appears some time after its training. */
  runEvaluation(input: RunEvaluationInput): Promise<EvaluationResult>;

  /** Stops the job if there is one and resolves when it is seen to be over. */
  stopCustomization(input: CustomizationRef & { patience: Patience }): Promise<void>;
  stopEvaluation(input: EvaluationRef & { patience: Patience }): Promise<void>;

  recordRun(input: { run: RunRecord }): Promise<void>;
  reportCandidate(input: ReportCandidateInput): Promise<CandidateReport>;
  /** Turns the signal `cancel` into a cancellation of the workflow itself. */
  requestCancellation(input: { workflowId: string }): Promise<void>;

  /** Resolves when the run's workflow is closed or gone: its last step may still be under way. */
  awaitRunClosed(input: { runId: string }): Promise<void>;
  /** Deletion of a finished run: datasets, customized models, evaluations, then its record. */
  deleteDatasets(input: { runId: string; workloadId: string; namespace: string }): Promise<void>;
  deleteCustomization(input: CustomizationRef): Promise<void>;
  deleteEvaluations(input: { runId: string }): Promise<void>;
  deleteRunRecord(input: { runId: string }): Promise<void>;
}
