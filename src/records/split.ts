import { type Conversations, groupByConversation } from './conversations.js';
import type { Digests } from './digests.js';
import { draw } from './draw.js';
import type { Groups } from './groups.js';
import { seededRandom } from '../seeded-random.js';
import type { UntrainedReason } from './reward.js';

export interface SplitRequest {
  evalSize: number;
  /** Share of what is not evaluated, 0 <= x < 1. */
  valRatio: number;
  seed: number;
}

/** Numbers of records, as in the digests. */
export interface Split {
  evaluation: Uint32Array;
  training: Uint32Array;
  validation: Uint32Array;
  /** Part of what is trained on, in the history of evaluation rows: no example for them. */
  openings: Uint32Array;
  /** Of what is not evaluated, the records that may not be trained on, by reason. */
  untrained: Record<UntrainedReason, number>;
  conversations: number;
  warnings: string[];
}

/** A split that these records do not allow; the message says why and what to change. */
export class SplitError extends Error {
  override readonly name = 'SplitError';
}

/**
 * Splits records so that no conversation is on two sides. Whole conversations are drawn, seeded, so that the sizes
 * come out exact where they can and the tools are spread as in the whole. What may not be trained on is evaluated, or
 * left out.
 */
export function splitRecords(
  digests: Digests,
  records: Uint32Array,
  { evalSize, valRatio, seed }: SplitRequest,
  { groups, openings, warnings }: Conversations = groupByConversation(digests, records),
): Split {
  if (evalSize >= records.length)
    throw new SplitError(
      `eval_size cannot be larger than the total number of records. eval_size is ${evalSize}, and ${records.length} ` +
        'records can be used, of which some must be left to train on: lower data_split_config.eval_size.',
    );
  const random = seededRandom(seed);
  const all = Array.from({ length: groups.count }, (_, group) => group).filter(
    (group) => groups.sizeOf(group) > 0,
  );
  if (all.length < 2) throw indivisible(records.length);
  const evaluation = draw(digests, groups, all, evalSize, random);
  const untrained = countUntrained(digests, groups, evaluation.left, openings);
  const isTrained = (record: number) => digests.untrainedOf(record) === null;
  const trainable = groups.only(isTrained);
  const left = evaluation.left.filter((group) => trainable.sizeOf(group) > 0);
  const learned = openings.filter(isTrained);
  const rest = sizeOf(trainable, left) + learned.length;
  if (rest === 0) throw nothingToTrain(untrained);
  const validationSize = Math.round(rest * valRatio);
  const validation =
    validationSize > 0 && left.length > 1
      ? draw(digests, trainable, left, validationSize, random)
      : { drawn: [], left };
  return {
    evaluation: recordsOf(groups, evaluation.drawn),
    validation: recordsOf(trainable, validation.drawn),
    training: recordsOf(trainable, validation.left, learned),
    openings: learned,
    untrained,
    conversations: all.length,
    warnings: [
      ...warnings,
      ...sizeWarning('eval_size', evalSize, sizeOf(groups, evaluation.drawn)),
      ...sizeWarning('val_ratio', validationSize, sizeOf(trainable, validation.drawn)),
    ],
  };
}

const indivisible = (records: number) =>
  new SplitError(
    `All ${records} records begin alike, as one conversation does, or are near-duplicates of each other, which cannot ` +
      'be in both evaluation and training: log a session_id for each conversation, or raise ' +
      'data_split_config.near_duplicate_similarity where it is set.',
  );

const nothingToTrain = ({ 'low-reward': low, 'no-reward': none }: Split['untrained']) =>
  new SplitError(
    `No record is left to train on: of those that are not evaluated, ${low} have a reward below ` +
      `data_split_config.min_reward and ${none} have none. Lower it, or set it to null; a reward is read from ` +
      'feedback.reward, reward or metadata.reward of a record.',
  );

function countUntrained(
  digests: Digests,
  groups: Groups,
  left: readonly number[],
  openings: Uint32Array,
): Split['untrained'] {
  const counts: Split['untrained'] = { 'low-reward': 0, 'no-reward': 0 };
  const count = (records: Uint32Array) => {
    for (const record of records) {
      const reason = digests.untrainedOf(record);
      if (reason !== null) counts[reason]++;
    }
  };
  for (const group of left) count(groups.at(group));
  count(openings);
  return counts;
}

const sizeOf = (groups: Groups, drawn: readonly number[]): number =>
  drawn.reduce((sum, group) => sum + groups.sizeOf(group), 0);

function recordsOf(
  groups: Groups,
  drawn: readonly number[],
  more: Uint32Array = new Uint32Array(0),
): Uint32Array {
  const size = sizeOf(groups, drawn);
  const found = new Uint32Array(size + more.length);
  let end = 0;
  for (const group of drawn) {
    found.set(groups.at(group), end);
    end += groups.sizeOf(group);
  }
  found.set(more, size);
  return found;
}

const sizeWarning = (key: string, wanted: number, size: number): string[] =>
  size === wanted
    ? []
    : [`${key}: ${size} rows instead of ${wanted}, the nearest that whole conversations allow`];
