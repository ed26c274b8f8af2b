import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DisjointSets } from '../../src/records/disjoint-sets.js';
import { bandKeys, bandsFor } from '../../src/records/min-hash.js';
import { joinNearDuplicates, MOST_COMPARED } from '../../src/records/near-duplicates.js';
import { seededRandom } from '../../src/seeded-random.js';
import { areSimilar, shinglesOf } from '../../src/records/shingles.js';
import { aRecord, called, readRecord, said } from '../support/log-records.js';

function shingles(...messages: object[]): Uint32Array {
  const read = readRecord(aRecord({ request: { messages } }));
  if ('rejected' in read) throw new Error(read.rejected);
  return shinglesOf(read.record);
}

function jaccard(a: Uint32Array, b: Uint32Array): number {
  const shared = [...a].filter((value) => b.includes(value)).length;
  return shared / (a.length + b.length - shared);
}

const joined = (sets: readonly Uint32Array[], similarity: number, groupOf = sets.map((_, i) => i)) =>
  joinNearDuplicates({
    groupOf: Int32Array.from(groupOf),
    groups: Math.max(0, ...groupOf.map((group) => group + 1)),
    shingles: (record) => Promise.resolve(sets[record] ?? new Uint32Array()),
    similarity,
  });

const join = async (...args: Parameters<typeof joined>) => (await joined(...args)).roots;

describe('the words of a question', () => {
  const plain = shingles(said('user', 'Where is my parcel today?'));

  test('are those of the system message too, or of the tools', () => {
    for (const role of ['system', 'developer'])
      expect(shingles(said(role, 'Be kind.'), said('user', 'Where is my parcel today?'))).toEqual(plain);
  });

  test('differ by case, punctuation or parts', () => {
    const parts = [{ type: 'text', text: 'WHERE is my, parcel; today' }];
    expect(shingles(said('user', parts))).toEqual(plain);
  });

  test('are not those that a tool was called with', () => {
    const call = (id: string) => shingles(said('user', 'Go on'), called('look_up', { id }));
    expect(call('order seven')).not.toEqual(call('order eight'));
  });

  test('are none in a language without spaces', () => {
    const a = shingles(said('user', '我的包裹今天在哪里'));
    const b = shingles(said('user', '我的包裹明天在哪里'));
    expect(a.length).toBe(7);
    expect(jaccard(a, b)).toBeCloseTo(4 / 10);
  });

  test('that are few make no run, or many an endless set', () => {
    expect(shingles(said('user', 'Hello'))).toHaveLength(1);
    expect(shingles(said('system', 'Be kind.'))).toHaveLength(0);
    const words = Array.from({ length: 50_000 }, (_, i) => `w${i}`).join(' ');
    expect(shingles(said('user', words)).length).toBeLessThanOrEqual(4_000);
  });
});

const set = fc.uniqueArray(fc.integer({ min: 0, max: 40 })).map((values) => Uint32Array.from(values).sort());

test('two sets are called similar though they are not, or the other way round', () => {
  fc.assert(
    fc.property(set, set, fc.constantFrom(0.5, 0.6, 0.75, 0.8, 0.9, 1), (a, b, least) => {
      const similarity = a.length + b.length === 0 ? 0 : jaccard(a, b);
      // A limit that is met exactly is met; rounding must not decide.
      expect(areSimilar(a, b, least)).toBe(similarity >= least - 1e-9);
    }),
  );
});

test.each([
  [0.5, 64],
  [0.7, 32],
  [0.8, 25],
  [0.9, 16],
  [1, 1],
])(
  'at a similarity of %f there are not %i bands, or more than a thousandth is missed',
  (similarity, bands) => {
    const cut = bandsFor(similarity);
    expect(cut.bands).toBe(bands);
    expect(cut.bands * cut.rows).toBeLessThanOrEqual(128);
    expect((1 - similarity ** cut.rows) ** cut.bands).toBeLessThanOrEqual(0.001);
  },
);

test('sets that agree in half of their members agree in another share of minima', () => {
  const rows = { bands: 128, rows: 1 };
  let equal = 0;
  for (let i = 0; i < 40; i++) {
    const of = (from: number) => Uint32Array.from({ length: 90 }, (_, j) => 1_000 * i + from + j);
    const [a, b] = [bandKeys(of(0), rows), bandKeys(of(30), rows)];
    equal += a.filter((key, band) => key === b[band]).length;
  }
  // Jaccard 60/120; 5,120 draws have a standard deviation of 0.007.
  expect(equal / (40 * 128)).toBeCloseTo(0.5, 1);
});

/** Questions of which many are edits of each other, each in a conversation. */
const questions = fc.array(
  fc.record({
    template: fc.integer({ min: 0, max: 4 }),
    edits: fc.array(fc.integer({ min: 0, max: 29 }), { maxLength: 3 }),
    conversation: fc.integer({ min: 0, max: 12 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const textOf = ({ template, edits }: { template: number; edits: number[] }) =>
  Array.from({ length: 30 }, (_, i) => (edits.includes(i) ? `edit${i}` : `t${template}w${i}`)).join(' ');

test('near-duplicates are in two groups, or questions that are none are joined', async () => {
  const similarities = fc.constantFrom(0.6, 0.75, 0.9, 1);
  await fc.assert(
    fc.asyncProperty(questions, similarities, async (asked, similarity) => {
      const sets = asked.map((question) => shingles(said('user', textOf(question))));
      const groupOf = asked.map(({ conversation }) => conversation);
      const roots = await join(sets, similarity, groupOf);
      const expected = new DisjointSets(roots.length);
      for (const [i, a] of sets.entries())
        for (const [j, b] of sets.entries())
          if (jaccard(a, b) >= similarity) expected.join(groupOf[i] ?? 0, groupOf[j] ?? 0);
      expect([...roots]).toEqual([...expected.roots()]);
    }),
    // The permutations are fixed, so that with a fixed seed the rare pair that no band finds cannot come and go.
    { seed: 11, numRuns: 200 },
  );
});

test('questions without a word are joined, or groups that nobody resembles', async () => {
  const none = new Uint32Array();
  expect([...(await join([none, none, Uint32Array.of(1), Uint32Array.of(2)], 0.5))]).toEqual([0, 1, 2, 3]);
  expect([...(await join([], 0.9))]).toEqual([]);
});

test('a thousand alike take the time of a million comparisons', async () => {
  let read = 0;
  const same = Uint32Array.from({ length: 50 }, (_, i) => i);
  const { roots, crowded } = await joinNearDuplicates({
    groupOf: Int32Array.from({ length: 1_000 }, (_, i) => i),
    groups: 1_000,
    shingles: () => {
      read++;
      return Promise.resolve(same);
    },
    similarity: 0.9,
  });
  expect(new Set(roots)).toEqual(new Set([0]));
  // Once for the signatures, once for the first band; then all are known to belong together.
  expect(read).toBe(2_000);
  expect(crowded).toBe(0);
});

/** Questions that share most of their words with all others, and with none enough. */
const boilerplate = (count: number, seed: number): number[][] => {
  const random = seededRandom(seed);
  const own = () => Math.floor(1_000 + random() * 2 ** 30);
  return Array.from({ length: count }, () => [...Array(92).keys(), ...Array.from({ length: 8 }, own)]);
};
const setOf = (values: number[]) => Uint32Array.from(values).sort();

test('boilerplate takes the time of its square, or a near-duplicate in it is on two sides', async () => {
  const questions = boilerplate(2_000, 4);
  // Of some, another with one word changed: 98 of 102 in common.
  const edits = questions
    .filter((_, i) => i % 10 === 0)
    .map((words) => [...words.slice(0, 98), 7_001, 7_002]);
  let lengths = 0;
  class Counted extends Uint32Array {
    override get length(): number {
      lengths++;
      return super.length;
    }
  }
  const sets = [...questions, ...edits].map((words) => Counted.from(setOf(words)));
  const { roots, crowded, pair } = await joined(sets, 0.9);
  const together = edits.filter((_, i) => roots[i * 10] === roots[questions.length + i]).length;
  expect(together).toBeGreaterThan(0.95 * edits.length);
  expect(crowded).toBeGreaterThan(0);
  expect(crowded).toBeLessThanOrEqual(sets.length);
  const [a, b] = (pair ?? []).map((place) => setOf([...(sets[place] ?? [])]));
  expect(a && b && jaccard(a, b)).toBeGreaterThanOrEqual(0.9);
  // Six lengths at most in a comparison, in each of 16 bands; of all pairs in a bucket it would be three times as many.
  expect(lengths).toBeLessThan(sets.length * 16 * MOST_COMPARED * 6);
});
