import { gpusOf, type GpuPoolSettings, LONGEST_CREATION_MS } from '../gpu-pool.js';
import type { CandidateConfig, Deployment, IclConfig, JudgeConfig, RunConfig } from './run-config.js';
import type { ConfigFile } from './schema.js';

export const readGpuPool = ({ gpu_pool: pool }: Pick<ConfigFile, 'gpu_pool'>): GpuPoolSettings => ({
  totalGpus: pool.total_gpus,
  idleTtlMs: pool.idle_ttl,
  patienceMs: pool.patience,
  passIntervalMs: pool.pass_interval,
  graceMs: pool.grace,
});

/** What no pool of that size could ever grant. Whole requests only wait, so nothing else needs a check. */
export function gpuShortages(
  { candidates, judge, icl }: Pick<RunConfig, 'candidates' | 'judge' | 'icl'>,
  { totalGpus }: GpuPoolSettings,
): string[] {
  if (totalGpus === null) return [];
  return [
    ...embeddingShortage(icl, totalGpus),
    ...candidates.flatMap((candidate) => [
      ...servingShortage(candidate, judge, totalGpus),
      ...trainingShortage(candidate, totalGpus),
    ]),
  ];
}

function embeddingShortage(icl: IclConfig, total: number): string[] {
  const needed = icl.selection === 'semantic_similarity' ? deployedGpus(icl.embedding.deployment) : 0;
  if (needed <= total) return [];
  return [
    `icl_config.similarity_config.embedding_nim_config: it needs ${needed} GPUs, and gpu_pool.total_gpus is ` +
      `${total}: raise gpu_pool.total_gpus, or lower its gpus`,
  ];
}

function servingShortage(
  { model, deployment }: CandidateConfig,
  judge: JudgeConfig,
  total: number,
): string[] {
  const own = deployedGpus(deployment);
  const judges = judge.model === model ? 0 : deployedGpus(judge.deployment);
  if (own + judges <= total) return [];
  const needed =
    judges === 0
      ? `nims (${model}): it needs`
      : `nims (${model}): it needs ${own} and the judge ${judges}, together`;
  return [
    `${needed} ${own + judges} GPUs, and gpu_pool.total_gpus is ${total}: raise gpu_pool.total_gpus, or lower ` +
      `the gpus of the model${judges === 0 ? '' : ' or of llm_judge_config'}`,
  ];
}

function trainingShortage({ model, customizer }: CandidateConfig, total: number): string[] {
  const needed = customizer === null ? 0 : customizer.gpus * customizer.numNodes;
  if (needed <= total) return [];
  return [
    `nims (${model}): its training needs ${needed} GPUs (customizer_configs.gpus × num_nodes), and ` +
      `gpu_pool.total_gpus is ${total}: raise gpu_pool.total_gpus, or lower one of them`,
  ];
}

const deployedGpus = (deployment: Deployment): number =>
  deployment.kind === 'external' ? 0 : gpusOf({ deployment });

/**
 * What a workflow left may be taken away only when its last activity makes nothing any more: an attempt hears of the end by
 * its heartbeats, and what it then has made is not broken off. One that cannot reach Temporal has nothing made at all.
 */
export function graceProblems({
  gpu_pool: { grace },
  timing: { heartbeat_timeout },
}: Pick<ConfigFile, 'gpu_pool' | 'timing'>): string[] {
  const least = heartbeat_timeout + LONGEST_CREATION_MS;
  if (grace > least) return [];
  return [
    `gpu_pool.grace: ${grace / 1000} s must be longer than ${least / 1000} s, that is timing.heartbeat_timeout and the ` +
      `${LONGEST_CREATION_MS / 1000} s that NeMo may take to make a deployment or a job, or GPUs would be given away ` +
      'that are then used: raise it, or lower timing.heartbeat_timeout',
  ];
}

/** Temporal starts nothing more often. */
export const sweepProblems = ({ gpu_pool: { sweep_interval } }: Pick<ConfigFile, 'gpu_pool'>): string[] =>
  sweep_interval >= 1_000 ? [] : [`gpu_pool.sweep_interval: ${sweep_interval} ms must be a second at least`];
