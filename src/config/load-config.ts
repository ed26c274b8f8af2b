import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../message-of.js';
import { readApiKeys } from './api-keys.js';
import { readCandidates, readJudge } from './candidates.js';
import { ConfigError } from './config-error.js';
import { effectiveValues, type EffectiveValue } from './effective-values.js';
import { readSecrets, readServices } from './environment.js';
import { readGpuPool } from './gpu-pool.js';
import { hasRemoteEmbedding, readIcl } from './icl.js';
import { describeIssue } from './issue.js';
import { completed } from './older-files.js';
import { problemsOf } from './problems.js';
import type { CandidateConfig, IclConfig, JudgeConfig, RunConfig } from './run-config.js';
import { configFile, type ConfigFile } from './schema.js';
import type { ConfigSource } from './source.js';
import { mergeSplit, readSplit, type SplitOverrides } from './split.js';
import type { LoadedConfig, Secrets } from './types.js';
import { unknownKeys } from './unknown-keys.js';
import { valueAt } from './value-at.js';
import { variableNotes } from './variables.js';

/** Reads the configuration; throws a ConfigError that names every problem, its key and what to change. */
export function loadConfig(source: ConfigSource): LoadedConfig {
  const content = readYaml(source.file);
  return assemble(readSections(content, source), content, source);
}

/** The configuration, with each of its values and where that comes from; throws as `loadConfig` does. */
export function inspectConfig(source: ConfigSource): { config: LoadedConfig; values: EffectiveValue[] } {
  const content = readYaml(source.file);
  const sections = readSections(content, source);
  return {
    config: assemble(sections, content, source),
    values: effectiveValues(sections, content, source.env),
  };
}

function readSections(written: unknown, { file, ...source }: ConfigSource): ConfigFile {
  const { content } = completed(written);
  const parsed = configFile.safeParse(content ?? {});
  const { issues } = parsed.error ?? { issues: [] };
  const sections = parsed.data ?? soundSections(content, issues);
  const problems = [...issues.map((issue) => describeIssue(issue, content)), ...problemsOf(sections, source)];
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new ConfigError(problems.map((problem) => `${file}: ${problem}`).join('\n'));
}

/** The sections that no issue is about; none of what is no file at all. */
function soundSections(content: unknown, issues: z.core.$ZodIssue[]): Partial<ConfigFile> {
  const unsound = new Set(issues.map(({ path }) => path[0]));
  if (unsound.has(undefined)) return {};
  const names = Object.keys(configFile.shape).filter((name) => !unsound.has(name));
  // A section that is left out is read as one that is empty.
  const sound = Object.fromEntries(names.map((name) => [name, valueAt(content, [name]) ?? null]));
  const { data } = configFile.partial().safeParse(sound);
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => !unsound.has(name)));
}

/** What the program goes by, of sections in which nothing is wrong. */
function assemble(file: ConfigFile, content: unknown, source: ConfigSource): LoadedConfig {
  const { env } = source;
  const judge = readJudge(file.llm_judge_config, []);
  const { candidates, warnings } = readCandidates(file.nims, []);
  const { icl, warnings: iclWarnings } = readIcl(file.icl_config, []);
  const secrets = readSecrets(env, file.llm_judge_config.api_key_env);
  return {
    run: readRun(file, candidates, judge, icl),
    gpuPool: readGpuPool(file),
    sweepIntervalMs: file.gpu_pool.sweep_interval,
    retention: { logsMs: file.retention.logs, runsMs: file.retention.runs },
    gateway: {
      requestsPerMinute: file.gateway.requests_per_minute,
      drainMs: file.gateway.drain ?? 0,
      stopTimeoutMs: file.gateway.stop_timeout,
    },
    apiKeys: readApiKeys(file.api_keys, env),
    separatesClients: file.api_keys.some(({ clients }) => clients !== null),
    services: readServices(file, source, []),
    secrets,
    warnings: [
      ...unknownKeys(content),
      ...completed(content).warnings,
      ...warnings,
      ...iclWarnings,
      ...fileWarnings(file, icl, secrets),
      ...variableNotes(env),
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
    const reason = messageOf(error);
    throw new ConfigError(`${file}: cannot be read: ${reason.trim()}`);
  }
}

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
    split: readSplit(file.data_split_config),
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
