import { z } from 'zod';
import { flag, float, integer } from './lax.js';
import type { SplitConfig } from './run-config.js';

/** `data_split_config` of the file and of a request; a request may leave out any of it. */
export const splitShape = {
  eval_size: integer({ ge: 1 }),
  val_ratio: float({ ge: 0, lt: 1 }),
  min_total_records: integer({ ge: 1 }),
  random_seed: integer().nullable(),
  limit: integer({ ge: 1 }).nullable(),
  parse_function_arguments: flag,
  min_reward: float().nullable(),
  // Below one half the signatures would have to be longer, and texts that differ in most words are no duplicates.
  near_duplicate_similarity: float({ ge: 0.5, le: 1 }).nullable(),
};

export const splitOverrides = z.object(splitShape).partial();

export type SplitOverrides = z.output<typeof splitOverrides>;

/** Why no run could have enough records, whatever traffic there is; null where it could. */
export const unreachableMinimum = ({ limit, minTotalRecords }: SplitConfig): string | null =>
  limit === null || limit >= minTotalRecords
    ? null
    : `limit (${limit}) cannot be less than min_total_records (${minTotalRecords}), or no job has enough records: ` +
      'raise the one or lower the other';

/** The file's split with what a request overrides. */
export const mergeSplit = (base: SplitConfig, given: SplitOverrides): SplitConfig => ({
  evalSize: given.eval_size ?? base.evalSize,
  valRatio: given.val_ratio ?? base.valRatio,
  minTotalRecords: given.min_total_records ?? base.minTotalRecords,
  // In these null is a value of its own.
  randomSeed: given.random_seed === undefined ? base.randomSeed : given.random_seed,
  limit: given.limit === undefined ? base.limit : given.limit,
  minReward: given.min_reward === undefined ? base.minReward : given.min_reward,
  nearDuplicateSimilarity:
    given.near_duplicate_similarity === undefined
      ? base.nearDuplicateSimilarity
      : given.near_duplicate_similarity,
  parseFunctionArguments: given.parse_function_arguments ?? base.parseFunctionArguments,
});
