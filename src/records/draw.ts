import type { Digests } from './digests.js';
import type { Groups } from './groups.js';
import { nearestSubset } from './nearest-subset.js';
import { shuffled } from './random.js';

/** Numbers of groups. */
interface Drawn {
  drawn: number[];
  left: number[];
}

const MOST_TRIALS = 200;
const WORK = 2_000_000;

/**
 * Draws whole groups with `size` records in all, or as near as any choice comes. Of many random draws of that size the
 * one wins whose tools are closest to those of the whole.
 */
export function draw(
  digests: Digests,
  groups: Groups,
  among: readonly number[],
  size: number,
  random: () => number,
): Drawn {
  const total = sizeOf(groups, among);
  let drawn = drawNearest(groups, shuffled(among, random), size, total);
  const reachable = sizeOf(groups, drawn);
  const expected = countLabels(digests, groups, among).map((count) => (count / total) * reachable);
  const labels = labelsByName(digests);
  const skewOf = (taken: readonly number[]): number => {
    const counts = countLabels(digests, groups, taken);
    return labels.reduce((sum, label) => sum + Math.abs((counts[label] ?? 0) - (expected[label] ?? 0)), 0);
  };
  let skew = skewOf(drawn);
  const trials = Math.max(5, Math.min(MOST_TRIALS, Math.floor(WORK / total)));
  for (let i = 0; i < trials; i++) {
    const trial = fill(groups, shuffled(among, random), reachable);
    if (sizeOf(groups, trial) !== reachable) continue;
    const trialSkew = skewOf(trial);
    if (trialSkew < skew) [drawn, skew] = [trial, trialSkew];
  }
  const isDrawn = new Set(drawn);
  return {
    drawn: among.filter((group) => isDrawn.has(group)),
    left: among.filter((group) => !isDrawn.has(group)),
  };
}

/** The first groups that come out exact, as most orders allow; else what comes nearest. */
function drawNearest(groups: Groups, order: readonly number[], size: number, total: number): number[] {
  const filled = fill(groups, order, size);
  if (size < total && sizeOf(groups, filled) === size) return filled;
  const sizes = order.map((group) => groups.sizeOf(group));
  return nearestSubset(sizes, size).map((i) => order[i] ?? 0);
}

/** Takes each group that still fits. */
function fill(groups: Groups, order: readonly number[], size: number): number[] {
  const taken: number[] = [];
  let room = size;
  for (const group of order) {
    if (room === 0) break;
    if (groups.sizeOf(group) > room) continue;
    taken.push(group);
    room -= groups.sizeOf(group);
  }
  return taken;
}

const sizeOf = (groups: Groups, drawn: readonly number[]): number =>
  drawn.reduce((sum, group) => sum + groups.sizeOf(group), 0);

/** By the number of the label. */
function countLabels(digests: Digests, groups: Groups, drawn: readonly number[]): Float64Array {
  const counts = new Float64Array(digests.labelCount);
  for (const group of drawn)
    for (const record of groups.at(group)) {
      const label = digests.labelNumberOf(record);
      counts[label] = (counts[label] ?? 0) + 1;
    }
  return counts;
}

/** Numbers of labels follow from the order of reading; sums of fractions must not. */
const labelsByName = (digests: Digests): number[] =>
  Array.from({ length: digests.labelCount }, (_, label) => label).sort((a, b) =>
    digests.labelAt(a) < digests.labelAt(b) ? -1 : 1,
  );
