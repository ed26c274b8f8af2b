import type { Digest } from './digest.js';
import { groupBy } from './group-by.js';
import { seededRandom, shuffled } from './random.js';

export interface SplitRequest {
  evalSize: number;
  /** Share of what is not evaluated, 0 <= x < 1. */
  valRatio: number;
  seed: number;
}

export interface Split {
  evaluation: Digest[];
  training: Digest[];
  validation: Digest[];
  conversations: number;
  warnings: string[];
}

/** A split that these records do not allow; the message says why and what to change. */
export class SplitError extends Error {
  override readonly name = 'SplitError';
}

/** A conversation that holds more of the records than this is suspicious. */
const LARGE_SHARE = 0.2;

/**
 * Splits records so that no conversation is on two sides. Whole conversations are drawn, seeded, so that the sizes
 * come out exact where they can and the tools are spread as in the whole.
 */
export function splitRecords(records: readonly Digest[], { evalSize, valRatio, seed }: SplitRequest): Split {
  if (evalSize >= records.length)
    throw new SplitError(
      `eval_size cannot be larger than the total number of records. eval_size is ${evalSize}, and ${records.length} ` +
        'records can be used, of which some must be left to train on: lower data_split_config.eval_size.',
    );
  const { groups, warnings } = groupByConversation(records);
  if (groups.length < 2)
    throw new SplitError(
      `All ${records.length} records belong to one conversation, which cannot be in both evaluation and training: ` +
        'log a session_id for each conversation.',
    );
  const random = seededRandom(seed);
  const evaluation = draw(groups, evalSize, random);
  warnings.push(...sizeWarning(evalSize, evaluation.drawn));
  const rest = evaluation.left.flat().length;
  const validationSize = Math.round(rest * valRatio);
  const validation =
    validationSize > 0 && evaluation.left.length > 1
      ? draw(evaluation.left, validationSize, random)
      : { drawn: [], left: evaluation.left };
  return {
    evaluation: evaluation.drawn.flat(),
    validation: validation.drawn.flat(),
    training: validation.left.flat(),
    conversations: groups.length,
    warnings,
  };
}

const sizeWarning = (wanted: number, drawn: Digest[][]): string[] => {
  const size = drawn.flat().length;
  if (size === wanted) return [];
  return [`eval_size: ${size} rows instead of ${wanted}, the nearest that whole conversations allow`];
};

/** Conversations, in an order that depends on their content alone. */
function groupByConversation(records: readonly Digest[]): { groups: Digest[][]; warnings: string[] } {
  const groups = groupBy(records, ({ conversation }) => conversation);
  const tooLarge = (size: number) => size > records.length * LARGE_SHARE && size > 1;
  const warnings: string[] = [];
  for (const [key, group] of [...groups]) {
    if (!tooLarge(group.length)) continue;
    const share = Math.round((group.length / records.length) * 100);
    const parts = groupBy(group, ({ longerConversation }) => longerConversation);
    warnings.push(
      `One conversation holds ${share} % of the records (${group.length})` +
        (parts.size > 1
          ? '; it was divided by its second user turn'
          : '; log a session_id to tell conversations apart'),
    );
    if (parts.size === 1) continue;
    groups.delete(key);
    for (const [longer, part] of parts) {
      const conversation = `${key} ${longer}`;
      groups.set(
        conversation,
        part.map((digest) => ({ ...digest, conversation })),
      );
    }
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { groups: sorted.map(([, group]) => group), warnings };
}

interface Drawn {
  drawn: Digest[][];
  left: Digest[][];
}

const MOST_TRIALS = 200;
const WORK = 2_000_000;

/**
 * Draws whole groups with `size` records in all. Of many random orders, each filled greedily, the best wins: first by
 * size, then by how close its tools are to those of the whole.
 */
function draw(groups: Digest[][], size: number, random: () => number): Drawn {
  const all = groups.flat();
  const expected = new Map(
    [...countLabels(all)].map(([label, count]) => [label, (count / all.length) * size]),
  );
  const trials = Math.max(5, Math.min(MOST_TRIALS, Math.floor(WORK / all.length)));
  let best: { drawn: Set<Digest[]>; miss: number; skew: number } | null = null;
  for (let i = 0; i < trials; i++) {
    const drawn = fill(shuffled(groups, random), size);
    const records = [...drawn].flat();
    const miss = Math.abs(records.length - size);
    const skew = skewOf(countLabels(records), expected);
    if (!best || miss < best.miss || (miss === best.miss && skew < best.skew)) best = { drawn, miss, skew };
  }
  const drawn = best?.drawn ?? new Set();
  return {
    drawn: groups.filter((group) => drawn.has(group)),
    left: groups.filter((group) => !drawn.has(group)),
  };
}

/** Takes each group that still fits; where none fits at all, the smallest. One group is always left. */
function fill(groups: Digest[][], size: number): Set<Digest[]> {
  const taken = new Set<Digest[]>();
  let room = size;
  for (const group of groups) {
    if (group.length > room || taken.size === groups.length - 1) continue;
    taken.add(group);
    room -= group.length;
  }
  if (taken.size > 0) return taken;
  return new Set([groups.reduce((a, b) => (b.length < a.length ? b : a))]);
}

const countLabels = (records: readonly Digest[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { label } of records) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
};

const skewOf = (counts: Map<string, number>, expected: Map<string, number>): number =>
  [...expected].reduce((sum, [label, count]) => sum + Math.abs((counts.get(label) ?? 0) - count), 0);
