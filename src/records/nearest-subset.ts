/**
 * Indexes of sizes (whole, positive, two at least) whose sum comes nearest to `target`; never none, never all. Subset
 * sum over all sums up to twice the target; of equally good choices the one that the order of the sizes reaches first.
 */
export function nearestSubset(sizes: readonly number[], target: number): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b));
  // More than twice the target is further from it than nothing, unless there is nothing smaller.
  const most = Math.min(total - 1, Math.max(2 * target, smallest));
  const bound = leastMiss(sizes, target);
  // By which size each sum was first reached; what it added to was reached by an earlier one, so none is used twice.
  const via = new Int32Array(most + 1).fill(-1);
  let best = Infinity;
  let reached = 0;
  for (const [i, size] of sizes.entries()) {
    reached = Math.min(most, reached + size);
    for (let sum = reached; sum >= size; sum--) {
      if (via[sum] !== -1 || (sum > size && via[sum - size] === -1)) continue;
      via[sum] = i;
      if (Math.abs(sum - target) < Math.abs(best - target)) best = sum;
    }
    if (Math.abs(best - target) === bound) break;
  }
  return walkBack(sizes, via, best);
}

function walkBack(sizes: readonly number[], via: Int32Array, from: number): number[] {
  const chosen: number[] = [];
  let sum = from;
  while (sum > 0) {
    const index = via[sum] ?? 0;
    chosen.push(index);
    sum -= sizes[index] ?? sum;
  }
  return chosen;
}

/** No sum misses the target by less: every sum is a multiple of what divides all sizes. */
function leastMiss(sizes: readonly number[], target: number): number {
  const divisor = sizes.reduce(greatestCommonDivisor);
  const over = target % divisor;
  return Math.min(over, divisor - over);
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
