import { z } from 'zod';
import { flag, float, integer } from './lax.js';
import type { SplitConfig } from './run-config.js';
import type { ConfigFile } from './schema.js';

/** `data_split_config` of the file and of a request; a request may leave out any of it. */
export const splitShape = {
  eval_size: integer({ ge: 1 }).describe('rows to evaluate on'),
  val_ratio: float({ ge: 0, lt: 1 }).describe('share of the training rows held out for validation'),
  min_total_records: integer({ ge: 1 }).describe('fewer valid records end the job; not more than `limit`'),
  random_seed: integer().nullable().describe("seed of the split; null: derived from the job's id"),
  limit: integer({ ge: 1 })
    .nullable()
    .describe('the newest N valid records after de-duplication; null: no limit'),
  parse_function_arguments: flag.describe(
    'tool-call arguments that are JSON strings are parsed; a record whose arguments do not parse is left out',
  ),
  min_reward: float()
    .nullable()
    .describe('records with a lower reward, or none, are evaluated but not trained on; null: all are'),
  // Below one half the signatures would have to be longer, and texts that differ in most words are no duplicates.
  near_duplicate_similarity: float({ ge: 0.5, le: 1 })
    .nullable()
    .describe('similarity from which conversations stay on one side of the split; null: not looked for'),
};

export const splitOverrides = z.object(splitShape).partial();

export type SplitOverrides = z.output<typeof splitOverrides>;

export const readSplit = (split: ConfigFile['data_split_config']): SplitConfig => ({
  evalSize: split.eval_size,
  valRatio: split.val_ratio,
  minTotalRecords: split.min_total_records,
  randomSeed: split.random_seed,
  limit: split.limit,
  parseFunctionArguments: split.parse_function_arguments,
  minReward: split.min_reward,
  nearDuplicateSimilarity: split.near_duplicate_similarity,
});

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
