/** Counts the sequences of `size` tokens. */
export function countNgrams(tokens: readonly string[], size: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let end = size; end <= tokens.length; end++) {
    const ngram = tokens.slice(end - size, end).join(' ');
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

/** How many of the counted things two counts share. */
export const countShared = (a: Map<string, number>, b: Map<string, number>): number =>
  [...a].reduce((sum, [thing, count]) => sum + Math.min(count, b.get(thing) ?? 0), 0);

/** Harmonic mean of precision and recall; 0 when nothing is shared. */
export const f1 = (shared: number, expected: number, given: number): number =>
  shared === 0 ? 0 : (2 * shared) / (expected + given);
