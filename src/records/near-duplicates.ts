import { bandKeys, bandsFor } from './min-hash.js';
import { areSimilar } from './shingles.js';
import { DisjointSets } from './disjoint-sets.js';

export interface Compared {
  /** The group (conversation) of each record, 0 … groups-1. */
  groupOf: Int32Array;
  groups: number;
  /** The set of a record; see `shinglesOf`. Read once, and again for records that may be similar to others. */
  shingles: (record: number) => Promise<Uint32Array>;
  /** Jaccard similarity from which two records are near-duplicates, 0.5 to 1. */
  similarity: number;
}

/**
 * Joins groups that hold near-duplicates of each other, and says for each group which one stands for it. Candidates are
 * pairs whose signatures agree in a band; of those each is compared exactly, so nothing is joined by chance, and a pair
 * exactly at the limit is overlooked with a probability of at most a thousandth, a more similar one with less. In memory
 * are 4 bytes a band (4 to 256) and some 60 more for each record, and the sets of the records that meet in one band.
 */
export async function joinNearDuplicates(compared: Compared): Promise<Int32Array> {
  const { groupOf, groups, shingles, similarity } = compared;
  const cut = bandsFor(similarity);
  const keys = new Uint32Array(groupOf.length * cut.bands);
  const filled = new Uint32Array(groupOf.length);
  let end = 0;
  for (let record = 0; record < groupOf.length; record++) {
    const set = await shingles(record);
    if (set.length > 0) filled[end++] = record;
    keys.set(bandKeys(set, cut), record * cut.bands);
  }
  const joined = new DisjointSets(groups);
  for (let band = 0; band < cut.bands; band++) {
    const keyOf = (record: number) => keys[record * cut.bands + band] ?? 0;
    for (const bucket of bucketsOf(filled.subarray(0, end), keyOf))
      await joinSimilar(bucket, compared, joined);
  }
  return joined.roots();
}

/** Records with the same key, where there is more than one. */
function* bucketsOf(records: Uint32Array, keyOf: (record: number) => number): Generator<number[]> {
  const sorted = records.slice().sort((a, b) => keyOf(a) - keyOf(b) || a - b);
  for (let from = 0, to = 1; from < sorted.length; from = to++) {
    while (to < sorted.length && keyOf(sorted[to] ?? 0) === keyOf(sorted[from] ?? 0)) to++;
    if (to - from > 1) yield [...sorted.subarray(from, to)];
  }
}

async function joinSimilar(bucket: number[], compared: Compared, joined: DisjointSets): Promise<void> {
  const { groupOf, shingles, similarity } = compared;
  const group = (record: number) => joined.find(groupOf[record] ?? 0);
  if (new Set(bucket.map(group)).size === 1) return;
  const members: { record: number; set: Uint32Array }[] = [];
  for (const record of bucket) {
    const set = await shingles(record);
    for (const other of members)
      if (group(record) !== group(other.record) && areSimilar(set, other.set, similarity))
        joined.join(groupOf[record] ?? 0, groupOf[other.record] ?? 0);
    members.push({ record, set });
  }
}
