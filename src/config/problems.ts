import { apiKeyProblems } from './api-keys.js';
import { deploymentConflicts, readCandidates, readJudge } from './candidates.js';
import { contradictions } from './cross-checks.js';
import { readNemo, readPorts, readStore } from './environment.js';
import { gpuShortages, graceProblems, readGpuPool, sweepProblems } from './gpu-pool.js';
import { readIcl } from './icl.js';
import type { ConfigFile } from './schema.js';
import { proxyProblems } from './proxy.js';
import type { ConfigSource } from './source.js';
import { readSplit, unreachableMinimum } from './split.js';

/**
 * What is wrong with the environment, and with sections that are right each by itself; a check that needs a section
 * which is missing, since it could not be read, is left out.
 */
export function problemsOf(
  sections: Partial<ConfigFile>,
  { env, dataDir, servesNoApi = false }: Omit<ConfigSource, 'file'>,
): string[] {
  const problems: string[] = [];
  const { nmp_config, data_split_config, icl_config, gpu_pool, timing, api_keys, proxy } = sections;
  if (nmp_config) readNemo({ nmp_config }, env, problems);
  readStore(env, dataDir, problems);
  readPorts(env, problems);
  modelProblems(sections, problems);
  if (icl_config && data_split_config) problems.push(...contradictions({ icl_config, data_split_config }));
  if (gpu_pool && timing) problems.push(...graceProblems({ gpu_pool, timing }));
  if (gpu_pool) problems.push(...sweepProblems({ gpu_pool }));
  if (api_keys && !servesNoApi) problems.push(...apiKeyProblems(api_keys, env));
  if (proxy) problems.push(...proxyProblems(proxy));
  const tooFew = data_split_config ? unreachableMinimum(readSplit(data_split_config)) : null;
  if (tooFew !== null) problems.push(`data_split_config.limit: ${tooFew}`);
  return problems;
}

function modelProblems(
  { llm_judge_config, nims, icl_config, gpu_pool }: Partial<ConfigFile>,
  problems: string[],
): void {
  const judge = llm_judge_config && readJudge(llm_judge_config, problems);
  const candidates = nims && readCandidates(nims, problems).candidates;
  const icl = icl_config && readIcl(icl_config, problems).icl;
  if (!judge || !candidates || !icl) return;
  problems.push(...deploymentConflicts(candidates, judge, icl));
  if (gpu_pool) problems.push(...gpuShortages({ candidates, judge, icl }, readGpuPool({ gpu_pool })));
}
