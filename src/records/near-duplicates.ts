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

/** Of records that meet in one band, each is compared with so many. */
export const MOST_COMPARED = 64;

interface Joined {
  /** For each group the one that stands for it and all that were joined with it. */
  roots: Int32Array;
  /** The first two records that were found to be near-duplicates of each other; null: none are. */
  pair: [number, number] | null;
  /** Records that were not compared with all that they met, since these were more than `MOST_COMPARED`. */
  crowded: number;
}

/**
 * Joins groups that hold near-duplicates of each other. Candidates are pairs whose signatures agree in a band; of those
 * each is compared exactly, so nothing is joined by chance, and a pair exactly at the limit is overlooked with a
 * probability of at most a thousandth, a more similar one with less. Only where more records than `MOST_COMPARED` meet in
 * a band, each is compared with those whose signatures agree most, and is counted. In memory are 4 bytes a band (4 to
 * 256) and some 60 more for each record, and the sets of `MOST_COMPARED` records.
 */
export async function joinNearDuplicates(compared: Compared): Promise<Joined> {
  const { groupOf, shingles, similarity } = compared;
  const cut = bandsFor(similarity);
  const keys = new Uint32Array(groupOf.length * cut.bands);
  const filled = new Uint32Array(groupOf.length);
  let end = 0;
  for (let record = 0; record < groupOf.length; record++) {
    const set = await shingles(record);
    if (set.length > 0) filled[end++] = record;
    keys.set(bandKeys(set, cut), record * cut.bands);
  }
  const joining = new Joining(compared);
  for (let band = 0; band < cut.bands; band++) {
    const keyOf = (record: number, further = 0) =>
      keys[record * cut.bands + ((band + further) % cut.bands)] ?? 0;
    for (const bucket of bucketsOf(filled.subarray(0, end), keyOf)) await joining.compare(bucket, keyOf);
  }
  return joining.joined();
}

/** A record's key in the band that is looked at, or in a further one. */
type KeyOf = (record: number, further?: number) => number;

/** Records with the same key, where there is more than one. */
function* bucketsOf(records: Uint32Array, keyOf: KeyOf): Generator<Uint32Array> {
  const sorted = records.slice().sort((a, b) => keyOf(a) - keyOf(b) || a - b);
  for (let from = 0, to = 1; from < sorted.length; from = to++) {
    while (to < sorted.length && keyOf(sorted[to] ?? 0) === keyOf(sorted[from] ?? 0)) to++;
    if (to - from > 1) yield sorted.subarray(from, to);
  }
}

/** Bands by which the records of a full bucket are sorted. */
const FURTHER_BANDS = 8;

/** Records that agree in further bands, and so are likely to be similar, one behind the other (an LSH forest's order). */
function likelyOnesTogether(bucket: Uint32Array, keyOf: KeyOf): Uint32Array {
  return bucket.slice().sort((a, b) => {
    for (let further = 1; further <= FURTHER_BANDS; further++) {
      const difference = keyOf(a, further) - keyOf(b, further);
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

interface Member {
  record: number;
  set: Uint32Array;
}

/** What is known of the groups, and of how. */
class Joining {
  private readonly compared: Compared;
  private readonly sets: DisjointSets;
  private readonly crowded: Uint8Array;
  private pair: [number, number] | null = null;

  constructor(compared: Compared) {
    this.compared = compared;
    this.sets = new DisjointSets(compared.groups);
    this.crowded = new Uint8Array(compared.groupOf.length);
  }

  joined(): Joined {
    const crowded = this.crowded.reduce((sum, flag) => sum + flag, 0);
    return { roots: this.sets.roots(), pair: this.pair, crowded };
  }

  /** Compares each record of a bucket with those before it: all of them, where there are no more than that. */
  async compare(bucket: Uint32Array, keyOf: KeyOf): Promise<void> {
    const first = this.groupOf(bucket[0] ?? 0);
    if (bucket.every((record) => this.groupOf(record) === first)) return;
    const sorted = bucket.length > MOST_COMPARED ? likelyOnesTogether(bucket, keyOf) : bucket;
    const last: Member[] = [];
    const passed: number[] = [];
    const late: number[] = [];
    for (const record of sorted) {
      const member = { record, set: await this.compared.shingles(record) };
      // Whoever resembles the one of two that are equal resembles the other.
      if (last.some((other) => this.joinSimilar(member, other) && areEqual(member.set, other.set))) continue;
      if (passed.length > 0) late.push(record);
      last.push(member);
      if (last.length > MOST_COMPARED) passed.push(last.shift()?.record ?? 0);
    }
    this.markCrowded(passed, late);
  }

  /** Records that were not compared with some before them which are in other groups. */
  private markCrowded(passed: readonly number[], late: readonly number[]): void {
    const others = new Set(passed.map((record) => this.groupOf(record)));
    for (const record of late)
      if (others.size > 1 || !others.has(this.groupOf(record))) this.crowded[record] = 1;
  }

  /** Whether they are in one group, now or already. */
  private joinSimilar(a: Member, b: Member): boolean {
    if (this.groupOf(a.record) === this.groupOf(b.record)) return true;
    if (!areSimilar(a.set, b.set, this.compared.similarity)) return false;
    this.pair ??= [b.record, a.record];
    this.sets.join(this.groupOf(a.record), this.groupOf(b.record));
    return true;
  }

  private groupOf(record: number): number {
    return this.sets.find(this.compared.groupOf[record] ?? 0);
  }
}

const areEqual = (a: Uint32Array, b: Uint32Array): boolean =>
  a.length === b.length && a.every((value, i) => value === b[i]);
