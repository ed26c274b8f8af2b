import { isEmbeddingModel } from './embeddings.js';
import type { BaseModel } from './engine/types.js';

export const MODEL_KINDS = ['chat', 'embedding', 'judge'] as const;

/** A model that exists here; what is left out follows from its name. */
export interface ModelEntry {
  name: string;
  kind?: (typeof MODEL_KINDS)[number];
  /** Billions of parameters. */
  size?: number;
  /** What a deployment takes that does not say so itself; 1 by default. */
  gpus?: number;
  /** Whether it is served from the start, without a deployment by anybody. */
  deployed?: boolean;
}

/** Which base models exist, and what stands behind each. */
export interface ModelCatalog {
  /** What is served from the start. */
  deployed: ModelEntry[];
  has(model: string): boolean;
  baseModel(model: string): BaseModel;
  isEmbedding(model: string): boolean;
  gpusOf(model: string): number;
  /** What the OpenAI-compatible server calls the model; null when a tiny model answers for it. */
  openAiModel(model: string): string | null;
}

export interface CatalogOptions {
  /** null: a model of any name exists. */
  entries: ModelEntry[] | null;
  /** Names of the OpenAI-compatible server by ours; 'all': every chat model's own name; null: there is no such server. */
  openAiModels: Record<string, string> | 'all' | null;
  /** Reads a model from its name alone. */
  readName: (name: string) => BaseModel;
}

export function createModelCatalog({ entries, openAiModels, readName }: CatalogOptions): ModelCatalog {
  const known = new Map((entries ?? []).map((entry) => [entry.name, entry]));
  const kindOf = (model: string) => known.get(model)?.kind;
  const has = (model: string) => entries === null || known.has(model);
  const isEmbedding = (model: string) =>
    kindOf(model) === undefined ? isEmbeddingModel(model) : kindOf(model) === 'embedding';
  return {
    deployed: [...known.values()].filter(({ deployed }) => deployed),
    has,
    isEmbedding,
    baseModel(model) {
      const read = readName(model);
      const kind = kindOf(model);
      const isJudge = kind === undefined ? read.isJudge : kind === 'judge';
      return { ...read, size: known.get(model)?.size ?? read.size, isJudge };
    },
    gpusOf: (model) => known.get(model)?.gpus ?? 1,
    openAiModel(model) {
      if (openAiModels === null || isEmbedding(model)) return null;
      if (openAiModels === 'all') return model;
      return new Map(Object.entries(openAiModels)).get(model) ?? null;
    },
  };
}
