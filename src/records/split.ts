import { groupByConversation } from './conversations.js';
import type { Digest } from './digest.js';
import { nearestSubset } from './nearest-subset.js';
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
  const { groups, openings, warnings } = groupByConversation(records);
  if (groups.length < 2)
    throw new SplitError(
      `All ${records.length} records begin alike, as one conversation does, which cannot be in both evaluation and ` +
        'training: log a session_id for each conversation.',
    );
  const random = seededRandom(seed);
  const evaluation = draw(groups, evalSize, random);
  warnings.push(...sizeWarning(evalSize, evaluation.drawn));
  const rest = evaluation.left.flat().length + openings.length;
  const validationSize = Math.round(rest * valRatio);
  const validation =
    validationSize > 0 && evaluation.left.length > 1
      ? draw(evaluation.left, validationSize, random)
      : { drawn: [], left: evaluation.left };
  return {
    evaluation: evaluation.drawn.flat(),
    validation: validation.drawn.flat(),
    training: [...validation.left.flat(), ...openings],
    conversations: groups.length,
    warnings,
  };
}

const sizeWarning = (wanted: number, drawn: Digest[][]): string[] => {
  const size = drawn.flat().length;
  if (size === wanted) return [];
  return [`eval_size: ${size} rows instead of ${wanted}, the nearest that whole conversations allow`];
};

interface Drawn {
  drawn: Digest[][];
  left: Digest[][];
}

const MOST_TRIALS = 200;
const WORK = 2_000_000;

/**
 * Draws whole groups with `size` records in all, or as near as any choice comes. Of many random draws of that size the
 * one wins whose tools are closest to those of the whole.
 */
function draw(groups: Digest[][], size: number, random: () => number): Drawn {
  const all = groups.flat();
  let drawn = drawNearest(groups, size, random);
  const reachable = sizeOf(drawn);
  const counts = [...countLabels(all)];
  const expected = new Map(counts.map(([label, count]) => [label, (count / all.length) * reachable]));
  let skew = skewOf(drawn, expected);
  const trials = Math.max(5, Math.min(MOST_TRIALS, Math.floor(WORK / all.length)));
  for (let i = 0; i < trials; i++) {
    const trial = fill(shuffled(groups, random), reachable);
    const trialSkew = skewOf(trial, expected);
    if (sizeOf(trial) === reachable && trialSkew < skew) [drawn, skew] = [trial, trialSkew];
  }
  return {
    drawn: groups.filter((group) => drawn.has(group)),
    left: groups.filter((group) => !drawn.has(group)),
  };
}

function drawNearest(groups: Digest[][], size: number, random: () => number): Set<Digest[]> {
  const order = shuffled(groups, random);
  const sizes = order.map(({ length }) => length);
  return new Set(nearestSubset(sizes, size).map((i) => order[i] ?? []));
}

/** Takes each group that still fits. */
function fill(groups: Digest[][], size: number): Set<Digest[]> {
  const taken = new Set<Digest[]>();
  let room = size;
  for (const group of groups) {
    if (group.length > room) continue;
    taken.add(group);
    room -= group.length;
  }
  return taken;
}

const sizeOf = (groups: Set<Digest[]>): number => [...groups].reduce((sum, group) => sum + group.length, 0);

const countLabels = (records: readonly Digest[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const { label } of records) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
};

function skewOf(groups: Set<Digest[]>, expected: Map<string, number>): number {
  const counts = countLabels([...groups].flat());
  return [...expected].reduce((sum, [label, count]) => sum + Math.abs((counts.get(label) ?? 0) - count), 0);
}
