import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Rejections, UniqueRecords } from '../../src/records/collect.js';
import { type Digest, digester } from '../../src/records/digest.js';
import { Digests } from '../../src/records/digests.js';
import { recordReader } from '../../src/records/read-record.js';
import { shuffled } from '../../src/records/random.js';
import { seededRandom } from '../../src/seeded-random.js';
import { type Split, SplitError, splitRecords } from '../../src/records/split.js';
import {
  allOf,
  aPlace,
  aRecord,
  type DigestChange,
  digestsOf,
  OPTIONS,
  said,
  someDigests,
} from '../support/log-records.js';

type Side = 'evaluation' | 'training' | 'validation';
/** A split with the digests of each side. */
type SplitOf = Omit<Split, Side> & Record<Side, Row[]>;
interface Row {
  id: string;
  conversation: string;
  label: string;
  hasLonger: boolean;
}

const ids = (records: readonly Row[]) => records.map(({ id }) => id).sort();
const conversations = (records: readonly Row[]) => new Set(records.map(({ conversation }) => conversation));

const seen = (digests: Digests, records: Uint32Array): Row[] =>
  Array.from(records, (record) => ({
    id: digests.idOf(record),
    conversation: digests.conversationOf(record),
    label: digests.labelOf(record),
    hasLonger: digests.hasLonger(record),
  }));

function splitOf(
  digests: Digests,
  records: Uint32Array,
  evalSize: number,
  valRatio = 0.1,
  seed = 1,
): SplitOf {
  const split = splitRecords(digests, records, { evalSize, valRatio, seed });
  const { evaluation, training, validation } = split;
  return {
    ...split,
    evaluation: seen(digests, evaluation),
    training: seen(digests, training),
    validation: seen(digests, validation),
  };
}

function trySplit(records: DigestChange[], evalSize: number, valRatio = 0.1, seed = 1): SplitOf | null {
  const digests = digestsOf(records);
  try {
    return splitOf(digests, allOf(digests), evalSize, valRatio, seed);
  } catch (error) {
    expect(error).toBeInstanceOf(SplitError);
    return null;
  }
}

test('a split loses a record, or puts it on two sides', () => {
  fc.assert(
    fc.property(
      someDigests,
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (records, evalSize, valRatio) => {
        const split = trySplit(records, evalSize, valRatio);
        if (split)
          expect(ids([...split.evaluation, ...split.training, ...split.validation])).toEqual(
            ids(seen(digestsOf(records), allOf(digestsOf(records)))),
          );
      },
    ),
  );
});

test('a conversation is in evaluation and in training', () => {
  fc.assert(
    fc.property(someDigests, fc.integer({ min: 1, max: 100 }), (records, evalSize) => {
      const split = trySplit(records, evalSize);
      if (!split) return;
      const evaluated = conversations(split.evaluation);
      for (const conversation of conversations([...split.training, ...split.validation]))
        expect(evaluated).not.toContain(conversation);
      expect(split.training.length).toBeGreaterThan(0);
    }),
  );
});

test('the same seed splits otherwise, or the order of the records matters', () => {
  fc.assert(
    fc.property(someDigests, fc.integer(), (records, seed) => {
      const first = trySplit(records, 10, 0.2, seed);
      const again = trySplit(shuffled(records, seededRandom(9)), 10, 0.2, seed);
      expect(again && ids(again.evaluation)).toEqual(first && ids(first.evaluation));
      expect(again && ids(again.validation)).toEqual(first && ids(first.validation));
    }),
  );
});

const many = (conversationCount: number, turns: number): DigestChange[] =>
  Array.from({ length: conversationCount * turns }, (_, i) => ({
    id: `id-${i}`,
    timestampMs: i,
    conversation: `c${Math.floor(i / turns)}`,
    label: i % 3 === 0 ? 'look_up' : 'no_tool',
  }));

test('sizes that whole conversations allow are missed', () => {
  const split = trySplit(many(60, 4), 100, 0.1);
  expect(split).toMatchObject({
    warnings: ['val_ratio: 12 rows instead of 14, the nearest that whole conversations allow'],
  });
  expect(split?.evaluation).toHaveLength(100);
  // A tenth of the other 140 is 14; three conversations of four are the nearest.
  expect(split?.validation).toHaveLength(12);
});

test('sizes that whole conversations do not allow go unsaid', () => {
  const split = trySplit(many(20, 7), 10, 0);
  expect(split?.evaluation).toHaveLength(7);
  expect(split?.warnings).toEqual([
    'eval_size: 7 rows instead of 10, the nearest that whole conversations allow',
  ]);
  expect(split?.validation).toEqual([]);
});

test('a size is called the nearest though a larger one is nearer', () => {
  expect(trySplit(many(20, 7), 12, 0)?.evaluation).toHaveLength(14);
});

test('a large conversation is not mentioned, or a session is asked for where there is one', () => {
  const large = (isSession: boolean) => [
    ...many(10, 3),
    ...many(1, 20).map((digest) => ({ ...digest, id: `l-${digest.id}`, conversation: 'x', isSession })),
  ];
  const share = 'One conversation holds 40 % of the records (20)';
  expect(trySplit(large(true), 10, 0)?.warnings).toContain(share);
  expect(trySplit(large(false), 10, 0)?.warnings).toContain(
    `${share}; log a session_id to tell conversations apart`,
  );
});

test('one opening that many share keeps all of them together', () => {
  const shared = many(40, 5).map((digest) => ({
    ...digest,
    conversation: 'the same greeting',
    longerConversation: digest.conversation ?? null,
  }));
  const split = trySplit(shared, 50, 0.1);
  expect(split).toMatchObject({
    conversations: 40,
    warnings: [
      'One conversation holds 100 % of the records (200): taken for 40 that begin alike, told apart by their ' +
        'next messages from outside. Log a session_id to be sure',
    ],
  });
  expect(split?.evaluation).toHaveLength(50);
});

test('the shared beginning of many conversations is evaluated, with its answer in what is trained on', () => {
  const shared = many(40, 5).map((digest, i) => ({
    ...digest,
    conversation: 'the same greeting',
    longerConversation: i % 5 === 0 ? null : (digest.conversation ?? null),
  }));
  const split = trySplit(shared, 48, 0.1);
  expect(split?.evaluation).toHaveLength(48);
  const tested = [...(split?.evaluation ?? []), ...(split?.validation ?? [])];
  expect(tested.filter(({ hasLonger }) => !hasLonger)).toEqual([]);
  expect(split?.training.filter(({ hasLonger }) => !hasLonger)).toHaveLength(40);
});

test('loops of an agent that begin alike are evaluated on one half and trained on the other', () => {
  const loop = (n: number) =>
    Array.from({ length: 4 }, (_, step) =>
      digest({
        request: {
          messages: [
            said('user', 'Do the nightly work'),
            ...Array.from({ length: step }, (_, i) => [
              said('assistant', 'go on'),
              said('tool', `result ${i} of ${n}`),
            ]).flat(),
          ],
        },
      }),
    );
  const { digests, unique } = uniqueOf(Array.from({ length: 30 }, (_, n) => loop(n)).flat());
  const split = splitOf(digests, unique.newest(null).kept, 30, 0.1);
  expect(split).toMatchObject({ conversations: 30 });
  expect(split?.evaluation).toHaveLength(30);
  const evaluated = conversations(split?.evaluation ?? []);
  expect(evaluated.size).toBe(10);
  for (const conversation of conversations(split?.training ?? []))
    expect(evaluated).not.toContain(conversation);
});

test('tools are spread unevenly over the sides', () => {
  const split = trySplit(many(100, 3), 90, 0);
  const calls = split?.evaluation.filter(({ label }) => label === 'look_up').length;
  expect(calls).toBe(30);
});

test('an impossible split is no clear error', () => {
  const split = (records: DigestChange[]) => splitOf(digestsOf(records), allOf(digestsOf(records)), 10);
  expect(() => split(many(2, 5))).toThrow(/eval_size cannot be larger than the total number of records/);
  expect(() => split(many(1, 50))).toThrow(/begin alike/);
});

function digest(change: Record<string, unknown>): Digest {
  const read = recordReader(OPTIONS)(aRecord(change));
  if ('rejected' in read) throw new Error(read.rejected);
  return digester()(read.record);
}

function uniqueOf(list: readonly Digest[], storeKeys = list.map((_, i) => i)) {
  const digests = new Digests();
  const unique = new UniqueRecords(digests);
  for (const [i, digest] of list.entries()) {
    digests.add(digest, aPlace(), storeKeys[i] ?? 0);
    unique.add(i);
  }
  return { digests, unique };
}
const answering = (text: string, timestamp: number) =>
  digest({ timestamp, response: { choices: [{ message: said('assistant', text) }] } });

test('an older answer survives a newer one, or the difference goes uncounted', () => {
  const [old, fresh] = [answering('old', 1_700_000_000), answering('new', 1_700_000_500)];
  for (const order of [
    [old, fresh],
    [fresh, old],
  ]) {
    const { unique } = uniqueOf(order);
    expect([...unique.newest(null).kept].map((record) => order[record])).toEqual([fresh]);
    expect(unique.dropped()).toMatchObject({ duplicates: 1, conflicts: 1 });
  }
});

test('how many answers contradict the kept one depends on the order of reading', () => {
  const said = ['yes', 'no', 'yes'].map((text, i) => answering(text, 1_700_000_000 + i));
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [2, 1, 0],
  ]) {
    const { digests, unique } = uniqueOf(
      order.map((i) => said[i]!),
      order,
    );
    const { duplicates, conflicts, examples } = unique.dropped();
    expect({ duplicates, conflicts }).toEqual({ duplicates: 2, conflicts: 1 });
    expect(examples.conflicts.map(digests.timestampOf)).toEqual([1_700_000_001_000]);
  }
});

test('steps of one conversation with the same user turns are taken for duplicates', () => {
  const ask = said('user', 'Where is my parcel?');
  const first = digest({ request: { messages: [ask] } });
  const second = digest({ request: { messages: [ask, said('tool', 'on its way')] } });
  expect(second.id).not.toBe(first.id);
  expect(second.conversation).toBe(first.conversation);
});

test('records without a session straddle by their prefix, or a session is ignored', () => {
  const later = {
    request: { messages: [said('user', 'Hello'), said('assistant', 'Hi.'), said('user', 'Bye')] },
  };
  const first = digest({ request: { messages: [said('user', 'Hello')] } });
  expect(digest(later).conversation).toBe(first.conversation);
  const inSession = digest({ ...later, session_id: '7' });
  expect(inSession.isSession).toBe(true);
  expect(inSession.conversation).not.toBe(first.conversation);
  expect(digest({ metadata: { thread_id: 7 } }).conversation).toBe(inSession.conversation);
});

test('a rejected record is not counted, or under two reasons', () => {
  const rejections = new Rejections();
  rejections.add('no-choices', 'a');
  rejections.add('no-choices', 'b');
  rejections.add('no-request', 'c');
  expect(rejections.summary()).toBe(
    '2 × no-choices, 1 × no-request (no-choices: response.choices is missing, not a list, or empty)',
  );
  expect(rejections.list().map(({ count, examples }) => [count, examples])).toEqual([
    [2, ['a', 'b']],
    [1, ['c']],
  ]);
});
