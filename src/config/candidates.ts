import { isDeepStrictEqual } from 'node:util';
import { modelSlug } from '../ids.js';
import { hasLogin, isHttpUrl, loginProblem } from './http-url.js';
import type { CandidateConfig, CustomizerConfig, Deployment, IclConfig, JudgeConfig } from './run-config.js';
import type { JudgeSection, NimSection } from './schema.js';

export interface Candidates {
  candidates: CandidateConfig[];
  warnings: string[];
}

/** The candidates of `nims`; a model that is named twice counts once, as it is named first. */
export function readCandidates(nims: NimSection[], problems: string[]): Candidates {
  const candidates: CandidateConfig[] = [];
  const warnings: string[] = [];
  for (const [index, nim] of nims.entries()) {
    if (candidates.some(({ model }) => model === nim.model_name))
      warnings.push(
        `nims[${index}] names ${nim.model_name} a second time and is ignored: the first one counts`,
      );
    else candidates.push(readCandidate(nim));
    if (nim.deployment === 'external')
      problems.push(...endpointProblems(nim.url, `nims[${index}].url`, CANDIDATE_ENDPOINT));
  }
  return { candidates, warnings };
}

function readCandidate(nim: NimSection): CandidateConfig {
  return {
    model: nim.model_name,
    contextLength: nim.context_length,
    deployment:
      nim.deployment === 'external' ? { kind: 'external', url: nim.url } : managed(nim.model_name, nim),
    customizer: nim.customization_enabled ? readCustomizer(nim.customizer_configs) : null,
  };
}

function readCustomizer(section: NimSection['customizer_configs']): CustomizerConfig | null {
  return (
    section && {
      target: section.target,
      gpus: section.gpus,
      numNodes: section.num_nodes,
      tensorParallelSize: section.tensor_parallel_size,
      dataParallelSize: section.data_parallel_size,
      useSequenceParallel: section.use_sequence_parallel,
      microBatchSize: section.micro_batch_size,
      trainingPrecision: section.training_precision,
      maxSeqLength: section.max_seq_length,
    }
  );
}

export const managed = (
  model: string,
  { registry_base, tag, gpus, pvc_size }: Pick<NimSection, 'registry_base' | 'tag' | 'gpus' | 'pvc_size'>,
): Deployment => ({ kind: 'managed', image: `${registry_base}/${model}`, tag, gpus, pvcSize: pvc_size });

/** Version 0.1 of the blueprint sent `model_id` to a remote judge; `model_name` was that of a local one. */
export const namesModelById = ({ deployment_type, type }: JudgeSection): boolean =>
  deployment_type === null && type === 'remote';

/** The judge, also in the words of the blueprint's older versions; what is wrong with it goes to `problems`. */
export function readJudge(section: JudgeSection, problems: string[]): JudgeConfig {
  const kind = section.deployment_type ?? section.type ?? 'local';
  const model = namesModelById(section)
    ? (section.model_id ?? section.model_name)
    : (section.model_name ?? section.model_id);
  if (model === null)
    problems.push('llm_judge_config.model_name: Field required: name the model that rates answers');
  if (kind === 'remote' && section.url === null)
    problems.push(
      'llm_judge_config.url: a remote judge needs the full URL of its chat completions, ' +
        'such as https://integrate.api.nvidia.com/v1/chat/completions',
    );
  const isExternal = kind === 'remote' || kind === 'external';
  if (isExternal) problems.push(...endpointProblems(section.url, 'llm_judge_config.url', JUDGE_ENDPOINT));
  const name = model ?? '';
  return {
    model: name,
    deployment: isExternal ? { kind: 'external', url: section.url } : managed(name, section),
  };
}

const CHAT = 'chat completions, such as http://vllm:8000/v1/chat/completions';
const CANDIDATE_ENDPOINT = {
  of: CHAT,
  cure: 'no candidate is sent a key, so name an address that asks for none',
};
const JUDGE_ENDPOINT = { of: CHAT, cure: 'set the key in LLM_JUDGE_API_KEY or NVIDIA_API_KEY' };

/** What is wrong with the full URL of a model. Without one it is reached through the NIM proxy. */
export function endpointProblems(
  url: string | null,
  at: string,
  { of, cure }: { of: string; cure: string },
): string[] {
  if (url === null) return [];
  if (!isHttpUrl(url)) return [`${at}: Input should be the full URL of ${of}`];
  return hasLogin(url) ? [loginProblem(at, cure)] : [];
}

/** Says which models would fight for one deployment. */
export function deploymentConflicts(
  candidates: CandidateConfig[],
  judge: JudgeConfig,
  icl: IclConfig,
): string[] {
  const conflicts: string[] = [];
  const known = new Map([[modelSlug(judge.model), { ...judge, at: 'llm_judge_config' }]]);
  const others = candidates.map((candidate) => ({ ...candidate, at: `nims (${candidate.model})` }));
  const at = 'icl_config.similarity_config.embedding_nim_config';
  const embedding = icl.selection === 'semantic_similarity' ? [{ ...icl.embedding, at }] : [];
  for (const { model, deployment, at } of [...embedding, ...others]) {
    const other = known.get(modelSlug(model));
    if (!other) known.set(modelSlug(model), { model, deployment, at });
    else if (other.model !== model)
      conflicts.push(
        `${at}: its deployment would have the same name, ${modelSlug(model)}, as that of ${other.model}: ` +
          'leave one of them out',
      );
    else if (!isDeepStrictEqual(other.deployment, deployment))
      conflicts.push(
        `${at}: ${other.at} names the same model with another deployment; one model is deployed once, ` +
          'so give both the same registry_base, tag, gpus, pvc_size and url',
      );
  }
  return conflicts;
}
