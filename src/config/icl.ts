import { endpointProblems, managed } from './candidates.js';
import type { EmbeddingConfig, IclConfig } from './run-config.js';
import type { IclSection } from './schema.js';

type Similarity = NonNullable<IclSection['similarity_config']>;
type EmbeddingSection = NonNullable<Similarity['embedding_nim_config']>;

const AT = 'icl_config.similarity_config.embedding_nim_config';
const DEFAULT_RELEVANCE = 0.7;

/** How in-context examples are chosen; what is wrong with the embedding model goes to `problems`. */
export function readIcl(section: IclSection, problems: string[]): { icl: IclConfig; warnings: string[] } {
  const limits = {
    maxContextLength: section.max_context_length,
    reservedTokens: section.reserved_tokens,
    maxExamples: section.max_examples,
    minExamples: section.min_examples ?? Math.min(1, section.max_examples),
  };
  const similarity = section.similarity_config;
  // Without examples there is nothing to compare, and no embedding model to deploy.
  const isSemantic = section.example_selection === 'semantic_similarity' && section.max_examples > 0;
  if (!isSemantic || !similarity?.embedding_nim_config)
    return { icl: { ...limits, selection: 'uniform_distribution' }, warnings: [] };
  const { embedding, warnings } = readEmbedding(similarity.embedding_nim_config, problems);
  const relevanceRatio = similarity.relevance_ratio ?? DEFAULT_RELEVANCE;
  return { icl: { ...limits, selection: 'semantic_similarity', relevanceRatio, embedding }, warnings };
}

function readEmbedding(section: EmbeddingSection, problems: string[]) {
  const kind = section.deployment_type ?? 'local';
  const isExternal = kind === 'remote' || kind === 'external';
  const model = section.model_name ?? '';
  if (section.model_name === null)
    problems.push(`${AT}.model_name: Field required: name the embedding model`);
  if (kind === 'remote' && section.url === null)
    problems.push(
      `${AT}.url: a remote embedding model needs the full URL of its embeddings, such as ${EXAMPLE}`,
    );
  if (isExternal) problems.push(...endpointProblems(section.url, `${AT}.url`, ENDPOINT));
  const embedding: EmbeddingConfig = {
    model,
    deployment: isExternal ? { kind: 'external', url: section.url } : managed(model, section),
  };
  return { embedding, warnings: isExternal ? [] : localWarnings(kind, section.url) };
}

const EXAMPLE = 'https://integrate.api.nvidia.com/v1/embeddings';
const ENDPOINT = {
  of: `embeddings, such as ${EXAMPLE}`,
  cure: 'set the key in EMB_API_KEY or NVIDIA_API_KEY',
};

function localWarnings(kind: string, url: string | null): string[] {
  const warnings: string[] = [];
  if (kind !== 'local')
    warnings.push(`${AT}.deployment_type is "${kind}" and read as local: say local, remote or external`);
  if (url !== null)
    warnings.push(
      `${AT}.url is ignored: a local model is reached through the NIM proxy; say remote to call that URL`,
    );
  return warnings;
}

/** Whether examples are compared by an endpoint of its own, which may want a key. */
export const hasRemoteEmbedding = (icl: IclConfig): boolean =>
  icl.selection === 'semantic_similarity' &&
  icl.embedding.deployment.kind === 'external' &&
  icl.embedding.deployment.url !== null;
