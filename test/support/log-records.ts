import fc from 'fast-check';
import { type Digest, digester } from '../../src/records/digest.js';
import { Digests, type Place } from '../../src/records/digests.js';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { recordReader } from '../../src/records/read-record.js';
import type { TrainingRow } from '../../src/records/rows.js';
import { END_OF_LINE, jsonInLine, openingJson } from '../../src/records/spooled.js';
import { textHash } from '../../src/records/json.js';

export const OPTIONS = {
  parseFunctionArguments: true,
  maxToolProperties: null,
  workloadType: 'auto',
} as const;

export const readRecord = recordReader(OPTIONS);
export const digestOf = digester();

/** What a customizer reads of a record. */
export function trainingRowOf(record: CanonicalRecord): TrainingRow {
  const { tools, messages, answer } = record;
  const [first = answer, ...more] = messages;
  const line = `${openingJson(tools, first)}${[...more, answer].map(jsonInLine).join('')}${END_OF_LINE}`;
  return JSON.parse(line) as TrainingRow;
}

export const said = (role: string, content: unknown) => ({ role, content });

export const called = (name: string, args: unknown) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: args } }],
});

/** A valid log record; a test states only what matters to it. */
export const aRecord = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  timestamp: 1_700_000_000,
  workload_id: 'w',
  client_id: 'c',
  request: { model: 'm', messages: [said('system', 'Be kind.'), said('user', 'Hello')] },
  response: { choices: [{ index: 0, finish_reason: 'stop', message: said('assistant', 'Hi.') }] },
  ...change,
});

const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, '', [], {}, 0, '\u0000', 'x'.repeat(5_000)));
const message = fc.oneof(
  odd,
  fc.record(
    {
      role: fc.oneof(fc.constantFrom('system', 'user', 'assistant', 'tool', 'human', 'ai'), odd),
      content: fc.oneof(fc.string(), odd),
      tool_calls: fc.oneof(
        odd,
        fc.array(
          fc.record(
            {
              id: odd,
              type: fc.oneof(fc.constant('function'), odd),
              function: fc.oneof(
                odd,
                fc.record({ name: fc.oneof(fc.string(), odd), arguments: odd }, { requiredKeys: [] }),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  ),
);

/** Records with something wrong, or right, at every place. */
export const anyRecord = fc.record(
  {
    timestamp: fc.oneof(fc.integer({ min: 1, max: 2e9 }), odd),
    session_id: odd,
    metadata: odd,
    request: fc.oneof(
      odd,
      fc.record(
        { messages: fc.oneof(odd, fc.array(message)), tools: odd, tool_choice: odd },
        { requiredKeys: [] },
      ),
    ),
    response: fc.oneof(
      odd,
      fc.record(
        {
          choices: fc.oneof(
            odd,
            fc.array(fc.oneof(odd, fc.record({ message, finish_reason: odd }, { requiredKeys: [] }))),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

const args = fc.oneof(
  fc.jsonValue(),
  fc.string(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(JSON.stringify(value))),
);
const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }];
const content = fc.oneof(fc.string(), fc.constantFrom(null, [{ type: 'text', text: 'Hello' }]));

/** Records that can be learned from, with all that providers write for the arguments of a call. */
export const validRecord = fc
  .record({
    turns: fc.array(
      fc.oneof(
        content.map((text) => said('human', text)),
        args.map((a) => called('look_up', a)),
      ),
    ),
    answer: fc.oneof(
      fc.constant(said('ai', 'Hi.')),
      args.map((a) => called('look_up', a)),
    ),
  })
  .map(({ turns, answer }) =>
    aRecord({
      request: { messages: [said('user', 'Hello'), ...turns], tools },
      response: { choices: [{ message: answer }] },
    }),
  );

/** What a test says of a record; the rest is as in `aDigest`. Keys are texts, which are hashed. */
export type DigestChange = Partial<Omit<Digest, 'beginning' | 'longer'>> & {
  lineBytes?: number;
  longerConversation?: string | null;
};

/** Of a record with a line of so many bytes, which shares nothing. */
export const aPlace = (offset = 0, bytes = 1): Place => ({
  file: 0,
  opening: { offset, bytes: 0 },
  history: { offset, bytes: 0 },
  own: { offset, bytes },
  restBytes: 1,
});

/** Digests of records that are told apart by these. A record's number is its place in the list. */
export function digestsOf(list: readonly DigestChange[]): Digests {
  const digests = new Digests();
  for (const [i, { lineBytes = 1, ...change }] of list.entries()) {
    const { longerConversation: longer = null, ...rest } = change;
    const digest = { ...aDigest(i), ...rest };
    const conversation = textHash(digest.conversation, 16);
    digests.add(
      {
        ...digest,
        id: textHash(digest.id, 32),
        answer: textHash(digest.answer, 16),
        conversation,
        beginning: conversation,
        longer: longer === null ? [] : [textHash(longer, 8)],
        system: textHash(digest.system, 8),
      },
      aPlace(i, lineBytes),
      i,
    );
  }
  return digests;
}

const aDigest = (i: number): Digest => ({
  id: `id-${i}`,
  timestampMs: i,
  answer: `answer-${i}`,
  conversation: `conversation-${i}`,
  isSession: false,
  beginning: '',
  isBare: false,
  longer: [],
  system: '',
  label: 'no_tool',
  hasTools: true,
  untrained: null,
});

/** All records of the digests. */
export const allOf = (digests: Digests): Uint32Array =>
  Uint32Array.from({ length: digests.length }, (_, record) => record);

/** What stays in memory of records: few conversations and labels, so that they meet. */
export const someDigests = fc
  .array(
    fc.record({
      conversation: fc.integer({ min: 0, max: 30 }).map((n) => `conversation-${n}`),
      label: fc.constantFrom('no_tool', 'look_up', 'cancel', 'rare'),
      timestampMs: fc.integer({ min: 0, max: 50 }),
    }),
    { minLength: 2, maxLength: 200 },
  )
  .map((list) =>
    list.map((item, i): DigestChange => ({
      ...item,
      id: `id-${i}`,
      longerConversation: i % 3 === 0 ? null : `${item.conversation}-${i % 2}`,
      lineBytes: 100 + ((i * 37) % 90),
    })),
  );
