import { EXAMPLES } from '../records/collect.js';
import type { Digests } from '../records/digests.js';
import { UNTRAINED, UNTRAINED_REASONS, type UntrainedReason } from '../records/reward.js';
import type { Split } from '../records/split.js';
import type { Funnel } from '../run-record.js';
import type { Collected } from './collect.js';
import type { RowSource } from './dataset-files.js';

/** What the steps before the split leave over. */
interface Steps extends Pick<Funnel, 'seed' | 'nearDuplicates'> {
  /** What the split was given, and what was too old for it. */
  kept: Uint32Array;
  beyondLimit: Uint32Array;
  alike: readonly number[];
}

/** What became of every record, and in which name the store has a few of each step. */
export async function funnelOf(
  { spool, digests }: Pick<RowSource, 'spool' | 'digests'>,
  { read, rejections, unique }: Collected,
  split: Split,
  { kept, beyondLimit, alike, seed, nearDuplicates }: Steps,
): Promise<Funnel> {
  const { duplicates, conflicts, examples } = unique.dropped();
  const namesOf = (records: Iterable<number>) =>
    Promise.all(Array.from(records, (record) => spool.nameOf(digests.placeOf(record))));
  return {
    read,
    rejected: rejections.list(),
    duplicates,
    conflicts,
    beyondLimit: beyondLimit.length,
    evaluation: split.evaluation.length,
    training: split.training.length,
    validation: split.validation.length,
    conversations: split.conversations,
    sharedConversations: sharedConversations(digests, split),
    untrained: await untrainedOf(digests, split, kept, namesOf),
    nearDuplicates,
    seed,
    examples: {
      duplicates: await namesOf(examples.duplicates),
      conflicts: await namesOf(examples.conflicts),
      beyondLimit: await namesOf(beyondLimit.subarray(0, EXAMPLES)),
      nearDuplicates: await namesOf(alike),
    },
  };
}

/**
 * By session, by beginning, and by what is asked: also what was divided by system prompts counts, where these are all that
 * tells apart what is on two sides.
 */
function sharedConversations(
  { conversationOf, beginningOf, asksOf }: Digests,
  { evaluation, training, validation, openings }: Split,
): number {
  const isOpening = new Set(openings);
  const keysOf = (record: number, asks: string[]) => [conversationOf(record), beginningOf(record), ...asks];
  const evaluated = new Set(
    Array.from(evaluation, (record) => keysOf(record, asksOf(record).slice(-1))).flat(),
  );
  const shared = new Set<string>();
  for (const learned of [training, validation])
    for (const record of learned)
      if (!isOpening.has(record))
        for (const key of keysOf(record, asksOf(record))) if (evaluated.has(key)) shared.add(key);
  return shared.size;
}

async function untrainedOf(
  digests: Digests,
  { untrained, evaluation }: Split,
  kept: Uint32Array,
  namesOf: (records: Iterable<number>) => Promise<string[]>,
): Promise<Funnel['untrained']> {
  const reasons = UNTRAINED_REASONS.filter((reason) => untrained[reason] > 0);
  if (reasons.length === 0) return [];
  const evaluated = new Set(evaluation);
  const examplesOf = (reason: UntrainedReason): number[] => {
    const found: number[] = [];
    for (const record of kept) {
      if (found.length === EXAMPLES) break;
      if (digests.untrainedOf(record) === reason && !evaluated.has(record)) found.push(record);
    }
    return found;
  };
  return await Promise.all(
    reasons.map(async (reason) => ({
      reason: `${reason}: ${UNTRAINED[reason]}`,
      count: untrained[reason],
      examples: await namesOf(examplesOf(reason)),
    })),
  );
}
