import { examplesFor } from './in-context.js';

/**
 * Examples for one row in the order in which they are tried, from those nearest to it, nearest first. Of `most` places
 * the share `relevanceRatio`, rounded down, goes to the nearest; the others go first to tools that are not shown yet,
 * then to the next nearest (the blueprint's rule). The tools take turns. What was not chosen follows, since a chosen
 * example may not fit.
 */
export function examplesByRelevance<T>(
  nearest: readonly T[],
  labelOf: (item: T) => string,
  most: number,
  relevanceRatio: number,
): T[] {
  const chosen = new Set(nearest.slice(0, Math.floor(most * relevanceRatio)));
  const shown = new Set([...chosen].map(labelOf));
  for (const item of nearest) {
    if (chosen.size >= most) break;
    if (shown.has(labelOf(item))) continue;
    chosen.add(item);
    shown.add(labelOf(item));
  }
  for (const item of nearest) {
    if (chosen.size >= most) break;
    chosen.add(item);
  }
  const byTool = new Map<string, T[]>();
  for (const item of chosen) byTool.set(labelOf(item), [...(byTool.get(labelOf(item)) ?? []), item]);
  return [...examplesFor([...byTool.values()], 0, most), ...nearest.filter((item) => !chosen.has(item))];
}
