import type { Digests } from './digests.js';
import { DisjointSets } from './disjoint-sets.js';
import { Groups } from './groups.js';

/**
 * Records that belong together: of one session or of one beginning, or joined by others that are. What one of them asks
 * can be in the history of those of its group alone, since history has its beginning, too. Requests of nothing but system
 * messages begin with their answers: where these differ, the same request joins them.
 */
export function belonging(digests: Digests, records: Uint32Array): Groups {
  const groups = Groups.of(records, digests.compareConversations);
  const isBare = records.some(digests.isBare);
  if (!isBare && !records.some(digests.isSession)) return groups;
  const sets = new DisjointSets(groups.count);
  const groupOf = groups.numbers();
  const at = groups.inOrder();
  const join = (positions: Uint32Array, compareRecords: (a: number, b: number) => number) => {
    const compare = (a: number, b: number) => compareRecords(at[a] ?? 0, at[b] ?? 0);
    const sorted = positions.sort(compare);
    for (let i = 1; i < sorted.length; i++) {
      const [a = 0, b = 0] = [sorted[i - 1], sorted[i]];
      if (compare(a, b) === 0) sets.join(groupOf[a] ?? 0, groupOf[b] ?? 0);
    }
  };
  const positions = Uint32Array.from(at.keys());
  if (isBare)
    join(
      positions.filter((position) => digests.isBare(at[position] ?? 0)),
      digests.compareSystems,
    );
  join(positions, digests.compareBeginnings);
  return groups.joined(sets.roots());
}

/** Whether all records are of one session that the application named. */
export function isOneSession(digests: Digests, records: Uint32Array): boolean {
  const [first = 0] = records;
  return (
    digests.isSession(first) && records.every((record) => digests.compareConversations(first, record) === 0)
  );
}

/** Whether there are records of two sessions that the application named. */
export function areSeveralSessions(digests: Digests, records: Uint32Array): boolean {
  const named = records.filter(digests.isSession);
  return named.length > 1 && !isOneSession(digests, named);
}
