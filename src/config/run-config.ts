/** The effective configuration of one run: what the file, the request and the defaults add up to. Holds no secret. */

export interface RunConfig {
  /** Namespace of everything the run makes on the platform (`nmp_namespace`). */
  namespace: string;
  candidates: CandidateConfig[];
  judge: JudgeConfig;
  split: SplitConfig;
  icl: IclConfig;
  training: TrainingConfig;
  evaluation: EvaluationConfig;
  verdict: VerdictConfig;
  timing: TimingConfig;
}

/** A model that we deploy as a NIM. Unset values travel as null, as the platform accepts them. */
export interface ManagedDeployment {
  kind: 'managed';
  /** `<registry_base>/<model_name>` */
  image: string;
  tag: string | null;
  gpus: number | null;
  pvcSize: string | null;
}

/** A model that others serve: through the NIM proxy, or at `url` (the full one of its chat completions or embeddings). */
interface ExternalDeployment {
  kind: 'external';
  url: string | null;
}

export type Deployment = ManagedDeployment | ExternalDeployment;

export interface CandidateConfig {
  model: string;
  contextLength: number;
  deployment: Deployment;
  /** null: this candidate is not customized. */
  customizer: CustomizerConfig | null;
}

/** `external` with a url is the blueprint's remote judge; its key comes from the worker's environment. */
export interface JudgeConfig {
  model: string;
  deployment: Deployment;
}

export interface CustomizerConfig {
  target: string;
  gpus: number;
  numNodes: number;
  tensorParallelSize: number;
  dataParallelSize: number;
  useSequenceParallel: boolean;
  microBatchSize: number;
  trainingPrecision: string;
  maxSeqLength: number;
}

export interface SplitConfig {
  evalSize: number;
  /** Share of the training rows held out for validation, 0 <= x < 1. */
  valRatio: number;
  minTotalRecords: number;
  /** null: derived from the run id. */
  randomSeed: number | null;
  /** The newest N valid records after de-duplication; null means no limit. */
  limit: number | null;
  parseFunctionArguments: boolean;
  /** Records with a lower reward, or with none, are only evaluated; null: all are trained on. */
  minReward: number | null;
  /** Jaccard similarity from which records of two conversations stay on one side; null: not looked for. */
  nearDuplicateSimilarity: number | null;
}

export type IclConfig = IclLimits & (UniformSelection | SimilaritySelection);

interface IclLimits {
  maxContextLength: number;
  reservedTokens: number;
  maxExamples: number;
  minExamples: number;
}

interface UniformSelection {
  selection: 'uniform_distribution';
}

interface SimilaritySelection {
  selection: 'semantic_similarity';
  /** Share of the examples that is chosen by similarity alone, 0..1; the rest brings tools that are not shown yet. */
  relevanceRatio: number;
  embedding: EmbeddingConfig;
}

/** `external` with a url is the blueprint's remote endpoint; its key comes from the worker's environment. */
export interface EmbeddingConfig {
  model: string;
  deployment: Deployment;
}

export interface TrainingConfig {
  trainingType: string;
  finetuningType: string;
  epochs: number;
  batchSize: number;
  learningRate: number;
  adapterDim: number;
  adapterDropout: number;
}

export interface EvaluationConfig {
  workloadType: 'auto' | 'tool-calling' | 'generic';
  /** Records with a tool of more properties are rejected; null accepts all. */
  maxToolProperties: number | null;
}

interface VerdictConfig {
  /** Agreement with production that a candidate must reach, 0..1. */
  target: number;
}

/** Ages in milliseconds; null: kept for ever. */
export interface RetentionConfig {
  logsMs: number | null;
  /** Since the run ended. */
  runsMs: number | null;
}

/** All intervals in milliseconds, so that tests need no sleeps. */
export interface TimingConfig {
  deploymentPollMs: number;
  customizationPollMs: number;
  evaluationPollMs: number;
  /** A wait gives up after this long without a sign of life. */
  deploymentStallMs: number;
  customizationStallMs: number;
  evaluationStallMs: number;
  heartbeatTimeoutMs: number;
  retryInitialMs: number;
  retryMaximumMs: number;
}
