import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupByConversation } from '../../src/records/conversations.js';
import { joinConversations } from '../../src/records/joined-conversations.js';
import type { UntrainedReason } from '../../src/records/reward.js';
import { SplitError, splitRecords } from '../../src/records/split.js';
import { allOf, type DigestChange, digestsOf, someDigests } from '../support/log-records.js';

/** Seeded: how many of these splits are possible is the same each time. */
const RUNS = { numRuns: 200, seed: 11 };

/** Of all records, and sometimes more than there are. */
const evalShare = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0.01, max: 0.6, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0.6, max: 3, noNaN: true }) },
);

/** Records of the given tools, each a conversation. */
const ofTools = (...labels: string[]): DigestChange[] => labels.map((label, i) => ({ id: `id-${i}`, label }));

const times = (count: number, label: string): string[] => Array<string>(count).fill(label);

function split(records: DigestChange[], evalSize: number, valRatio = 0.1, seed = 1) {
  const digests = digestsOf(records);
  const sides = splitRecords(digests, allOf(digests), { evalSize, valRatio, seed });
  const labels = (side: Uint32Array) => Array.from(side, digests.labelOf).sort();
  return {
    ...sides,
    labels: { evaluation: labels(sides.evaluation), validation: labels(sides.validation) },
    sizes: [sides.evaluation.length, sides.training.length, sides.validation.length],
  };
}

describe('a split', () => {
  test.each([
    ['one tool that was called once', [...times(19, 'a'), 'once']],
    ['two tools that were called once', [...times(18, 'a'), 'once', 'twice']],
    ['more tools than rows to evaluate', Array.from({ length: 20 }, (_, i) => `tool-${i % 10}`)],
    ['nothing but tools that were called once', Array.from({ length: 20 }, (_, i) => `tool-${i}`)],
    ['no tool at all', times(20, 'no_tool')],
  ])('fails on %s, or misses its size', (_what, labels) => {
    expect(split(ofTools(...labels), 5, 0.3).sizes).toEqual([5, 10, 5]);
  });

  test.each([
    [10, 3, 0.2, [3, 6, 1]],
    [10, 1, 0.33, [1, 6, 3]],
    [60, 6, 0.25, [6, 40, 14]],
    [100, 99, 0.1, [99, 1, 0]],
    [2, 1, 0.9, [1, 1, 0]],
    [100, 5, 0, [5, 95, 0]],
  ])(
    'of %i records into %i to evaluate and %f to validate misses its sizes',
    (n, evalSize, valRatio, sizes) => {
      expect(split(ofTools(...times(n, 'a')), evalSize, valRatio).sizes).toEqual(sizes);
    },
  );

  test.each([20, 21, 1_000])('of 20 records evaluates %i of them', (evalSize) => {
    expect(() => split(ofTools(...times(20, 'a')), evalSize)).toThrow(SplitError);
  });

  test('validates other tools than it trains on', () => {
    const { labels } = split(ofTools(...times(60, 'a'), ...times(30, 'b'), ...times(30, 'c')), 20, 0.2);
    expect(labels.evaluation).toEqual([...times(10, 'a'), ...times(5, 'b'), ...times(5, 'c')]);
    expect(labels.validation).toEqual([...times(10, 'a'), ...times(5, 'b'), ...times(5, 'c')]);
  });

  test('misses the size of the validation set in silence', () => {
    const records = Array.from({ length: 60 }, (_, i) => ({ id: `id-${i}`, conversation: `c${i % 12}` }));
    expect(split(records, 10, 0.3).warnings).toEqual([]);
    expect(split(records, 10, 0.25).warnings).toEqual([
      'val_ratio: 15 rows instead of 13, the nearest that whole conversations allow',
    ]);
    expect(split(records, 55, 0.4).warnings).toEqual([
      'val_ratio: 0 rows instead of 2, the nearest that whole conversations allow',
    ]);
  });
});

const withReward = (
  records: DigestChange[],
  reasonOf: (i: number) => UntrainedReason | null,
): DigestChange[] => records.map((record, i) => ({ ...record, untrained: reasonOf(i) }));

describe('records that may not be trained on', () => {
  test('are trained on or validated with, are lost, or change what is evaluated', () => {
    const found = { possible: 0, tooMany: 0 };
    const reason = fc.constantFrom<(UntrainedReason | null)[]>(null, null, 'low-reward', 'no-reward');
    fc.assert(
      fc.property(
        someDigests,
        fc.array(reason, { minLength: 1, maxLength: 7 }),
        evalShare,
        (records, reasons, share) => {
          const evalSize = Math.ceil(records.length * share);
          const rewarded = withReward(records, (i) => reasons[i % reasons.length] ?? null);
          const digests = digestsOf(rewarded);
          const attempt = () => splitRecords(digests, allOf(digests), { evalSize, valRatio: 0.2, seed: 1 });
          let sides: ReturnType<typeof attempt>;
          try {
            sides = attempt();
          } catch (error) {
            expect(error).toBeInstanceOf(SplitError);
            if (evalSize >= records.length) found.tooMany++;
            return;
          }
          found.possible++;
          expect(evalSize).toBeLessThan(records.length);
          const { evaluation, training, validation, untrained } = sides;
          for (const record of [...training, ...validation]) expect(digests.untrainedOf(record)).toBeNull();
          const leftOut = untrained['low-reward'] + untrained['no-reward'];
          expect(evaluation.length + training.length + validation.length + leftOut).toBe(records.length);
          expect(training.length).toBeGreaterThan(0);
          const all = digestsOf(records);
          const untouched = splitRecords(all, allOf(all), { evalSize, valRatio: 0.2, seed: 1 });
          expect(evaluation).toEqual(untouched.evaluation);
        },
      ),
      RUNS,
    );
    expect(found.possible).toBeGreaterThan(RUNS.numRuns / 2);
    expect(found.tooMany).toBeGreaterThan(0);
  });

  test('count for the size of the validation set', () => {
    const pairs = Array.from({ length: 80 }, (_, i) => ({
      id: `id-${i}`,
      conversation: `c${Math.floor(i / 2)}`,
    }));
    const { sizes, warnings } = split(
      withReward(pairs, (i) => (i % 2 === 0 ? null : 'low-reward')),
      8,
      0.25,
    );
    expect(sizes).toEqual([8, 27, 9]);
    expect(warnings).toEqual([]);
  });

  test('are counted under another reason', () => {
    const records = withReward(ofTools(...times(40, 'a')), (i) =>
      i < 10 ? 'low-reward' : i < 30 ? 'no-reward' : null,
    );
    const { untrained, evaluation, sizes } = split(records, 4, 0);
    const evaluated = [...evaluation];
    expect(untrained).toEqual({
      'low-reward': 10 - evaluated.filter((record) => record < 10).length,
      'no-reward': 20 - evaluated.filter((record) => record >= 10 && record < 30).length,
    });
    expect(sizes).toEqual([4, 10 - evaluated.filter((record) => record >= 30).length, 0]);
  });

  test('leave nothing to train on without a word on why', () => {
    const records = withReward(ofTools(...times(20, 'a')), (i) => (i < 5 ? 'low-reward' : 'no-reward'));
    expect(() => split(records, 4)).toThrow(
      /^No record is left to train on: .* \d+ have a reward below data_split_config\.min_reward and \d+ have none\./,
    );
  });
});

describe('near-duplicates', () => {
  /** What is asked, as sets; records of one number ask the same. */
  const asking = (topics: readonly number[]) => (record: number) =>
    Promise.resolve(Uint32Array.from({ length: 20 }, (_, i) => (topics[record] ?? 0) * 100 + i));

  async function joinedSplit(records: DigestChange[], topics: readonly number[], evalSize: number) {
    const digests = digestsOf(records);
    const all = allOf(digests);
    const joined = await joinConversations(groupByConversation(digests, all), 0.9, asking(topics));
    return { joined, ...splitRecords(digests, all, { evalSize, valRatio: 0.2, seed: 3 }, joined) };
  }

  test('are on two sides of a split, or a record is lost', async () => {
    const found = { possible: 0, tooMany: 0 };
    await fc.assert(
      fc.asyncProperty(
        someDigests,
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 60 }),
        evalShare,
        async (records, some, share) => {
          const evalSize = Math.ceil(records.length * share);
          const topics = records.map((_, i) => some[i % some.length] ?? 0);
          const sides = await joinedSplit(records, topics, evalSize).catch((error: unknown) => {
            expect(error).toBeInstanceOf(SplitError);
            if (evalSize >= records.length) found.tooMany++;
            return null;
          });
          if (sides === null) return;
          found.possible++;
          expect(evalSize).toBeLessThan(records.length);
          const { evaluation, training, validation } = sides;
          expect([...evaluation, ...training, ...validation].sort((a, b) => a - b)).toEqual([
            ...topics.keys(),
          ]);
          const asked = (side: Uint32Array) => new Set(Array.from(side, (record) => topics[record]));
          const askedBy = [evaluation, training, validation].map(asked);
          for (const topic of new Set(topics))
            expect(askedBy.filter((side) => side.has(topic))).toHaveLength(1);
        },
      ),
      RUNS,
    );
    expect(found.possible).toBeGreaterThan(RUNS.numRuns / 2);
    expect(found.tooMany).toBeGreaterThan(0);
  });

  test('are counted otherwise than as conversations with one another and the records in them', async () => {
    const records = ofTools(...times(40, 'a'));
    const topics = records.map((_, i) => (i < 6 ? Math.floor(i / 3) : i));
    const { joined, conversations } = await joinedSplit(records, topics, 8);
    expect(joined.nearDuplicates).toEqual({ clusters: 2, records: 6 });
    expect(conversations).toBe(36);
  });

  test('that are all of the records are split, or not explained', async () => {
    const records = ofTools(...times(40, 'a'));
    await expect(
      joinedSplit(
        records,
        times(40, 'a').map(() => 1),
        8,
      ),
    ).rejects.toThrow(/near-duplicates of each other.* raise data_split_config\.near_duplicate_similarity/);
  });

  test('of what is only trained on are evaluated', async () => {
    // Forty conversations that begin alike: their common beginning is only trained on.
    const records = Array.from({ length: 80 }, (_, i) => ({
      id: `id-${i}`,
      conversation: 'the same greeting',
      longerConversation: i % 2 === 0 ? null : `c${i}`,
    }));
    const topics = records.map((_, i) => (i === 1 ? 0 : i));
    const { evaluation, training, validation } = await joinedSplit(records, topics, 30);
    expect(evaluation).toHaveLength(30);
    expect([...evaluation, ...validation]).not.toContain(1);
    expect([...training]).toContain(1);
  });
});
