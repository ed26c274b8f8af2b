import type { Digests } from '../records/digests.js';

/** Rows by the first tool that their answer calls, `no_tool` for those that call none; the most frequent first. */
export type ToolHistogram = Record<string, number>;

export function toolsOf({ labelOf }: Digests, rows: Uint32Array): ToolHistogram {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(labelOf(row), (counts.get(labelOf(row)) ?? 0) + 1);
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return Object.fromEntries(byCount);
}
