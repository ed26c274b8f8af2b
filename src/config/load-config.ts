import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { deploymentConflicts, readCandidates, readJudge } from './candidates.js';
import { ConfigError } from './config-error.js';
import { contradictions } from './cross-checks.js';
import { readSecrets, readServices } from './environment.js';
import { gpuShortages, graceProblems, readGpuPool, sweepProblems } from './gpu-pool.js';
import { hasRemoteEmbedding, readIcl } from './icl.js';
import { describeIssue } from './issue.js';
import type { CandidateConfig, IclConfig, JudgeConfig, RunConfig } from './run-config.js';
import { configFile, type ConfigFile } from './schema.js';
import { mergeSplit, type SplitOverrides, unreachableMinimum } from './split.js';
import type { LoadedConfig, Secrets } from './types.js';
import { unknownKeys } from './unknown-keys.js';

interface ConfigSource {
  /** YAML in the blueprint's schema. */
  file: string;
  env: NodeJS.ProcessEnv;
  /** Where the embedded store and scratch files live. */
  dataDir: string;
}

/** Reads the configuration; throws a ConfigError that names every problem, its key and what to change. */
export function loadConfig({ file, env, dataDir }: ConfigSource): LoadedConfig {
  const content = readYaml(file);
  const parsed = configFile.safeParse(content ?? {});
  if (!parsed.success)
    throw problemsIn(
      file,
      parsed.error.issues.map((issue) => describeIssue(issue, content)),
    );

  const problems: string[] = [];
  const services = readServices(parsed.data, env, dataDir, problems);
  const judge = readJudge(parsed.data.llm_judge_config, problems);
  const { candidates, warnings } = readCandidates(parsed.data.nims, problems);
  const { icl, warnings: iclWarnings } = readIcl(parsed.data.icl_config, problems);
  const gpuPool = readGpuPool(parsed.data);
  problems.push(
    ...deploymentConflicts(candidates, judge, icl),
    ...contradictions(parsed.data),
    ...gpuShortages({ candidates, judge, icl }, gpuPool),
    ...graceProblems(parsed.data),
    ...sweepProblems(parsed.data),
  );
  const tooFew = unreachableMinimum(readSplit(parsed.data));
  if (tooFew !== null) problems.push(`data_split_config.limit: ${tooFew}`);
  if (problems.length > 0) throw problemsIn(file, problems);

  const secrets = readSecrets(env, parsed.data.llm_judge_config.api_key_env);
  return {
    run: readRun(parsed.data, candidates, judge, icl),
    gpuPool,
    sweepIntervalMs: parsed.data.gpu_pool.sweep_interval,
    services,
    secrets,
    warnings: [
      ...unknownKeys(configFile, content),
      ...warnings,
      ...iclWarnings,
      ...fileWarnings(parsed.data, icl, secrets),
    ],
  };
}

/** The configuration of one run: the file's, with what its request overrides. */
export const effectiveRunConfig = (base: RunConfig, overrides: SplitOverrides): RunConfig => ({
  ...base,
  split: mergeSplit(base.split, overrides),
});

function readYaml(file: string): unknown {
  try {
    // The blueprint's files are read by PyYAML, which speaks YAML 1.1.
    return parse(readFileSync(file, 'utf8'), { version: '1.1' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${file}: cannot be read: ${reason.trim()}`);
  }
}

const problemsIn = (file: string, problems: string[]): ConfigError =>
  new ConfigError(problems.map((problem) => `${file}: ${problem}`).join('\n'));

function readRun(
  file: ConfigFile,
  candidates: CandidateConfig[],
  judge: JudgeConfig,
  icl: IclConfig,
): RunConfig {
  const { training_config: training, lora_config: lora, timing } = file;
  const { workload_type, max_tool_properties } = file.evaluation_config;
  return {
    namespace: file.nmp_config.nmp_namespace,
    candidates,
    judge,
    split: readSplit(file),
    icl,
    training: {
      trainingType: training.training_type,
      finetuningType: training.finetuning_type,
      epochs: training.epochs,
      batchSize: training.batch_size,
      learningRate: training.learning_rate,
      adapterDim: lora.adapter_dim,
      adapterDropout: lora.adapter_dropout,
    },
    evaluation: {
      workloadType: workload_type === 'tool_calling' ? 'tool-calling' : workload_type,
      maxToolProperties: max_tool_properties,
    },
    verdict: { target: file.verdict.target },
    timing: readTiming(timing),
  };
}

const readSplit = ({ data_split_config: split }: ConfigFile): RunConfig['split'] => ({
  evalSize: split.eval_size,
  valRatio: split.val_ratio,
  minTotalRecords: split.min_total_records,
  randomSeed: split.random_seed,
  limit: split.limit,
  parseFunctionArguments: split.parse_function_arguments,
  minReward: split.min_reward,
  nearDuplicateSimilarity: split.near_duplicate_similarity,
});

const readTiming = (timing: ConfigFile['timing']): RunConfig['timing'] => ({
  deploymentPollMs: timing.deployment_poll,
  customizationPollMs: timing.customization_poll,
  evaluationPollMs: timing.evaluation_poll,
  deploymentStallMs: timing.deployment_stall,
  customizationStallMs: timing.customization_stall,
  evaluationStallMs: timing.evaluation_stall,
  heartbeatTimeoutMs: timing.heartbeat_timeout,
  retryInitialMs: timing.retry_initial,
  retryMaximumMs: timing.retry_maximum,
});

function fileWarnings(
  { llm_judge_config: judge, mlflow_config }: ConfigFile,
  icl: IclConfig,
  secrets: Secrets,
): string[] {
  const kind = judge.deployment_type ?? judge.type ?? 'local';
  const warnings: string[] = [];
  if (!['local', 'remote', 'external'].includes(kind))
    warnings.push(
      `llm_judge_config.deployment_type is "${kind}" and read as local: say local, remote or external`,
    );
  if (kind === 'remote' && secrets.judgeApiKey === null)
    warnings.push(
      'The remote judge is called without a key: set LLM_JUDGE_API_KEY or NVIDIA_API_KEY if it needs one',
    );
  if (hasRemoteEmbedding(icl) && secrets.embeddingApiKey === null)
    warnings.push(
      'The remote embedding model is called without a key: set EMB_API_KEY or NVIDIA_API_KEY if it needs one',
    );
  if (mlflow_config.enabled) warnings.push('mlflow_config.enabled is ignored: runs are not sent to MLflow');
  return warnings;
}
