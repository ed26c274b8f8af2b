import type { EmbeddingConfig, EvaluationConfig, IclConfig, SplitConfig } from '../config/run-config.js';
import { seedFrom } from '../records/random.js';
import type { ReadableLogs } from '../stores/visible-logs.js';

/** Whose records become datasets, and how. */
export interface DatasetRequest {
  workloadId: string;
  clientId: string;
  split: SplitConfig;
  icl: IclConfig;
  evaluation: EvaluationConfig;
  /** Where `split` has no seed, it is derived from this text: a run's id, say. */
  seedName: string;
}

/** The vectors of texts, all of one length. */
export type Embed = (texts: readonly string[], inputType: 'query' | 'passage') => Promise<Float32Array[]>;

/** What building datasets stands on. */
export interface DatasetServices {
  logs: ReadableLogs;
  /** Private scratch folder. */
  spoolDir: string;
  /** Asks an embedding model, and says by `progress` what goes on; null where none can be asked. */
  embedding: ((config: EmbeddingConfig, progress: () => object) => Embed) | null;
  /** At most so many threads read; else one for each core but one, up to four. */
  threads?: number;
}

/** Who waits for the datasets: ends the build by `signal`, and hears how far it is. */
export interface Watch {
  signal: AbortSignal;
  onProgress: (progress: object) => void;
}

/** What a run of this configuration would build, whatever its id. */
export const previewRequest = (
  { workloadId, clientId }: Pick<DatasetRequest, 'workloadId' | 'clientId'>,
  { split, icl, evaluation }: Pick<DatasetRequest, 'split' | 'icl' | 'evaluation'>,
): DatasetRequest => ({
  workloadId,
  clientId,
  split,
  icl,
  evaluation,
  seedName: `${clientId}/${workloadId}`,
});

export const seedOf = ({ split, seedName }: DatasetRequest): number => split.randomSeed ?? seedFrom(seedName);
