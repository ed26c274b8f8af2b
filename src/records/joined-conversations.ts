import type { NearDuplicates } from '../run-record.js';
import type { Conversations } from './conversations.js';
import { joinNearDuplicates, MOST_COMPARED } from './near-duplicates.js';

export interface JoinedConversations extends Conversations {
  nearDuplicates: NearDuplicates;
  /** Two records that are near-duplicates of each other; empty where none are. */
  alike: number[];
}

/**
 * Conversations that hold near-duplicates of each other as one group each, so that none is on two sides of a split.
 * What is near to an opening, which is only trained on, is only trained on too.
 */
export async function joinConversations(
  { groups, openings, warnings }: Conversations,
  similarity: number,
  shingles: (record: number) => Promise<Uint32Array>,
): Promise<JoinedConversations> {
  // Each opening is a group of its own, behind the others.
  const records = new Uint32Array(groups.size + openings.length);
  const groupOf = new Int32Array(records.length);
  for (let group = 0, end = 0; group < groups.count; end += groups.sizeOf(group++)) {
    records.set(groups.at(group), end);
    groupOf.fill(group, end, end + groups.sizeOf(group));
  }
  records.set(openings, groups.size);
  openings.forEach((_, i) => (groupOf[groups.size + i] = groups.count + i));
  const { roots, pair, crowded } = await joinNearDuplicates({
    groupOf,
    groups: groups.count + openings.length,
    shingles: (place) => shingles(records[place] ?? 0),
    similarity,
  });
  const nearDuplicates = countClusters(roots, groupOf);
  const asideRoots = new Set(roots.subarray(groups.count));
  const aside = new Set(records.filter((_, place) => asideRoots.has(roots[groupOf[place] ?? 0] ?? 0)));
  const joined = groups.joined(roots.subarray(0, groups.count));
  return {
    groups: joined.only((record) => !aside.has(record)),
    openings: Uint32Array.from(aside),
    warnings: [...warnings, ...crowdWarning(crowded)],
    nearDuplicates,
    alike: (pair ?? []).map((place) => records[place] ?? 0),
  };
}

const crowdWarning = (crowded: number): string[] =>
  crowded === 0
    ? []
    : [
        `near_duplicate_similarity: ${crowded} records resemble more than ${MOST_COMPARED} others somewhat, and were ` +
          'compared with the likeliest of them only: some of their near-duplicates may be on the other side of the split',
      ];

function countClusters(roots: Int32Array, groupOf: Int32Array): NearDuplicates {
  const groups = new Map<number, number>();
  for (const root of roots) groups.set(root, (groups.get(root) ?? 0) + 1);
  const isCluster = (root: number | undefined) => (groups.get(root ?? -1) ?? 0) > 1;
  return {
    clusters: [...groups.values()].filter((count) => count > 1).length,
    records: groupOf.filter((group) => isCluster(roots[group])).length,
  };
}
