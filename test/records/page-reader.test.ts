import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Digests } from '../../src/records/digests.js';
import { JsonReader } from '../../src/records/json-reader.js';
import { LineBuffer } from '../../src/records/line-buffer.js';
import { PageReader } from '../../src/records/page-reader.js';
import { toTrainingRow } from '../../src/records/rows.js';
import { pageOf } from '../../src/stores/record-pages.js';
import { aRecord, called, digestOf, OPTIONS, readRecord, said } from '../support/log-records.js';

const TOOLS = ['look_up', 'cancel'].map((name) => ({
  type: 'function',
  function: { name, description: 'Grüße 世界 '.repeat(40), parameters: { type: 'object' } },
}));
const SYSTEM = said('system', 'Be "kind". \\ '.repeat(50));

/** Conversations that begin alike, and that repeat what was said before. */
const conversation = fc
  .array(fc.constantFrom('Hello', 'Hello "there"', 'Grüße \\" 🌍', '{"role":"user"}', '],"tools":[{'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((texts) => texts.map((text, i) => (i % 3 === 2 ? called('look_up', { text }) : said('user', text))));

/** Also such that have, before their request, what looks like one. */
const log = fc
  .record({
    messages: conversation,
    tools: fc.constantFrom(TOOLS, TOOLS.slice(1), undefined),
    decoy: fc.constantFrom(undefined, { tools: TOOLS }, { messages: [SYSTEM, said('user', 'Hello')] }, [
      { messages: [{ tools: TOOLS }], tools: [[TOOLS]] },
    ]),
    space: fc.constantFrom(undefined, 1),
  })
  .map(({ messages, tools, decoy, space }) =>
    JSON.stringify(
      { decoy, ...aRecord({ request: { messages: [SYSTEM, ...messages], tools } }) },
      undefined,
      space,
    ),
  );

test('a record that repeats others is read as another', () => {
  fc.assert(
    fc.property(fc.array(log, { minLength: 1, maxLength: 30 }), (logs) => {
      const reader = new JsonReader();
      for (const json of logs) expect(reader.read(Buffer.from(json))).toEqual(JSON.parse(json));
    }),
    { numRuns: 300 },
  );
});

test('messages that are repeated are parsed again', () => {
  const reader = new JsonReader();
  const read = (...texts: string[]) => {
    const messages = [SYSTEM, ...texts.map((text) => said('user', text.repeat(20)))];
    const record = reader.read(Buffer.from(JSON.stringify(aRecord({ request: { messages, tools: TOOLS } }))));
    return (record as { request: { messages: unknown[]; tools: unknown } }).request;
  };
  const [first, second] = [read('a', 'b'), read('a', 'b', 'c')];
  expect(second.messages.slice(0, 3).every((message, i) => message === first.messages[i])).toBe(true);
  expect(second.tools).toBe(first.tools);
  expect(read('a', 'd').messages[2]).toEqual(said('user', 'd'.repeat(20)));
});

test('more messages than are remembered come back wrong', () => {
  const reader = new JsonReader();
  for (let n = 0; n < 40; n++) {
    const messages = [
      SYSTEM,
      said('user', `${n} ${'x'.repeat(n === 20 ? 3_000_000 : 150_000)}`),
      said('user', 'y'),
    ];
    const record = aRecord({ request: { messages } });
    expect(reader.read(Buffer.from(JSON.stringify(record)))).toEqual(record);
  }
});

test('a message is taken for one that was forgotten and lay where it lies', () => {
  const reader = new JsonReader();
  // Ten of them are remembered, the eleventh makes room for itself. They differ where they end.
  const messageOf = (n: number) => said('user', `${'x'.repeat(198_900)}${10 + n}`);
  for (const numbers of [[0, 1], Array.from({ length: 10 }, (_, n) => 2 + n), [0, 11]]) {
    const record = aRecord({ request: { messages: numbers.map(messageOf) } });
    expect(reader.read(Buffer.from(JSON.stringify(record)))).toEqual(record);
  }
});

test('lines that share their opening are spooled as others, or lie elsewhere', () => {
  fc.assert(
    fc.property(fc.array(fc.array(log, { maxLength: 10 }), { minLength: 1, maxLength: 4 }), (pages) => {
      const reader = new PageReader({ ...OPTIONS, minReward: null, workloadId: 'w', clientId: 'c' }, 3);
      const digests = new Digests();
      const written: Buffer[] = [];
      for (const page of pages) {
        const lines = new LineBuffer(10);
        digests.append(reader.read(pageOf(page.map((json, i) => ({ id: `${i}`, json }))), lines).digests);
        written.push(Buffer.from(lines.take()));
      }
      const spool = Buffer.concat(written).toString('latin1');
      for (const [i, json] of pages.flat().entries()) {
        const read = readRecord(JSON.parse(json));
        if ('rejected' in read) throw new Error(read.rejected);
        const { opening, history, own } = digests.placeOf(i);
        const parts = [opening, history, own].map(({ offset, bytes }) => spool.slice(offset, offset + bytes));
        const line = Buffer.from(parts.join(''), 'latin1').toString();
        expect(line).toBe(`${JSON.stringify(toTrainingRow(read.record))}\n`);
        expect(digests.idOf(i)).toBe(digestOf(read.record).id);
        expect(digests.lineBytesOf(i)).toBe(Buffer.byteLength(line));
      }
    }),
    { numRuns: 200 },
  );
});

test('requests that go on where others ended are spooled as a whole', () => {
  const TURN = 1_000;
  const STEPS = 12;
  const turns = Array.from({ length: STEPS }, (_, n) => said('user', `${n}${'x'.repeat(TURN)}`));
  const records = turns.map((_, n) => aRecord({ request: { messages: [SYSTEM, ...turns.slice(0, n + 1)] } }));
  const page = pageOf(records.map((record, i) => ({ id: `${i}`, json: JSON.stringify(record) })));
  const lines = new LineBuffer(10);
  new PageReader({ ...OPTIONS, minReward: null, workloadId: 'w', clientId: 'c' }, 0).read(page, lines);
  expect(lines.take().length).toBeLessThan(STEPS * TURN * 2);
});

test('a record that is no JSON ends a build, or is not counted', () => {
  const reader = new PageReader({ ...OPTIONS, minReward: null, workloadId: 'w', clientId: 'c' }, 0);
  const valid = JSON.stringify(
    aRecord({ request: { messages: [SYSTEM, said('user', 'Hello')], tools: TOOLS } }),
  );
  const broken = [
    '{"request": /* x */ {}}',
    '{"a":1,}',
    valid.replace(']', ',]'),
    valid.slice(0, -1),
    `${valid}}`,
  ];
  const page = pageOf([valid, ...broken, valid].map((json, i) => ({ id: `${i}`, json })));
  const { read, rejected, digests } = reader.read(page, new LineBuffer(10));
  expect(read).toBe(7);
  expect(rejected).toEqual([['not-json', { count: 5, examples: ['1', '2', '3'] }]]);
  expect(digests.columns.timestamps).toHaveLength(2);
});

test('a record of another workload is counted, or one that no workload counts', () => {
  const reader = new PageReader({ ...OPTIONS, minReward: null, workloadId: 'w', clientId: '5' }, 0);
  const others = [aRecord({ workload_id: 'W', client_id: 5 }), aRecord({ client_id: 'c' })];
  // A store finds these under the same names.
  const unnamed = [{ client_id: 5 }, { workload_id: ['w', 'x'] }, { workload_id: true }, { client_id: {} }];
  const records = [...others, ...unnamed.map((change) => aRecord({ client_id: '5', ...change })), null];
  const own = [aRecord({ client_id: '5' }), aRecord({ client_id: null, workload_id: undefined })];
  const page = pageOf(
    [...records, ...own].map((record, i) => ({ id: `${i}`, json: JSON.stringify(record) })),
  );
  const { read, rejected, digests } = reader.read(page, new LineBuffer(10));
  expect(read).toBe(7);
  expect(rejected).toEqual([
    ['broken-name', { count: 4, examples: ['2', '3', '4'] }],
    ['not-an-object', { count: 1, examples: ['6'] }],
  ]);
  expect(digests.columns.timestamps).toHaveLength(2);
});
