import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CanonicalRecord, REJECTIONS } from '../../src/records/canonical-record.js';
import { stableJson } from '../../src/records/json.js';
import { JsonReader } from '../../src/records/json-reader.js';
import { recordReader } from '../../src/records/read-record.js';
import { toEvaluationRow } from '../../src/records/rows.js';
import { recordOf, type Rest, restOf } from '../../src/records/spooled.js';
import {
  aRecord,
  anyRecord,
  called,
  digestOf,
  OPTIONS,
  readRecord,
  said,
  trainingRowOf,
  validRecord,
} from '../support/log-records.js';

const reasonFor = (raw: unknown, options = {}) => {
  const read = recordReader({ ...OPTIONS, ...options })(raw);
  return 'rejected' in read ? read.rejected : null;
};

const answered = (message: object, finish_reason = 'stop') =>
  aRecord({ response: { choices: [{ finish_reason, message }] } });
const LONG = '{"id": 1234567890123456710}';
const CALL_PART = { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: {} };

test.each([
  [null, 'not-an-object'],
  [[], 'not-an-object'],
  [aRecord({ timestamp: 'yesterday' }), 'no-timestamp'],
  [aRecord({ client_id: 5 }), 'broken-name'],
  [aRecord({ workload_id: ['w'] }), 'broken-name'],
  ...[{ error: 'timeout' }, 'timeout', [{ error: 'timeout' }]].map((details): [unknown, string] => [
    aRecord({ error_details: details }),
    'failed-call',
  ]),
  [aRecord({ request: null }), 'no-request'],
  [aRecord({ request: { messages: [] } }), 'no-messages'],
  [aRecord({ request: { messages: 'hello' } }), 'no-messages'],
  [aRecord({ request: { messages: ['hello'] } }), 'broken-message'],
  [aRecord({ request: { messages: [said('user', 'hi')], tools: {} } }), 'broken-tools'],
  [aRecord({ response: 'hello' }), 'no-response'],
  [aRecord({ response: {} }), 'no-choices'],
  [aRecord({ response: { choices: [] } }), 'no-choices'],
  [aRecord({ response: { choices: [{ message: null }] } }), 'no-answer'],
  [aRecord({ response: { choices: [{ message: said('assistant', ' ') }] } }), 'empty-answer'],
  [
    aRecord({ response: { choices: [{ finish_reason: 'tool_calls', message: said('assistant', '') }] } }),
    'lost-tool-calls',
  ],
  [answered(said('assistant', [{ type: 'text', text: '' }])), 'empty-answer'],
  [answered(said('assistant', [{ type: 'text', text: ' ' }, { type: 'image_url' }])), 'empty-answer'],
  [answered(said('assistant', []), 'end_turn'), 'empty-answer'],
  [answered(said('assistant', 'One mom'), 'length'), 'truncated-answer'],
  [answered(called('look_up', '{"order":'), 'max_tokens'), 'truncated-answer'],
  ...['content_filter', 'SAFETY', 'refusal'].map((reason): [unknown, string] => [
    answered(said('assistant', 'I cannot'), reason),
    'filtered-answer',
  ]),
  ...['tool_calls', 'function_call', 'tool_use'].map((reason): [unknown, string] => [
    answered(said('assistant', 'One moment.'), reason),
    'lost-tool-calls',
  ]),
  [answered(said('assistant', [{ type: 'text', text: 'One moment.' }, CALL_PART])), 'lost-tool-calls'],
  [answered({ ...said('assistant', 'Hi.'), function_call: 'look_up' }), 'broken-tool-call'],
  [answered({ ...said('assistant', 'Hi.'), function_call: { name: 'look_up' } }), 'tool-not-offered'],
  [aRecord({ response: { choices: [{ message: called('', {}) }] } }), 'broken-tool-call'],
  [aRecord({ response: { choices: [{ message: called('look_up', '{"order":') }] } }), 'broken-arguments'],
  [aRecord({ response: { choices: [{ message: called('look_up', '[1]') }] } }), 'broken-arguments'],
  [aRecord({ response: { choices: [{ message: called('look_up', LONG) }] } }), 'long-number'],
  [aRecord({ response: { choices: [{ message: called('look_up', {}) }] } }), 'tool-not-offered'],
  [
    aRecord({
      request: { messages: [said('user', 'hi')], tools: [{ function: { name: 'other' } }] },
      response: { choices: [{ message: called('look_up', {}) }] },
    }),
    'tool-not-offered',
  ],
])('%j is not rejected for its one reason', (raw, reason) => {
  expect(reasonFor(raw)).toBe(reason);
});

test.each([null, '', ' ', []])('error_details %j rejects a record', (details) => {
  expect(reasonFor(aRecord({ error_details: details }))).toBeNull();
});

test('limits that are not asked for reject records', () => {
  const properties = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const tools = [{ type: 'function', function: { name: 'wide', parameters: { properties } } }];
  const wide = aRecord({ request: { messages: [said('user', 'hi')], tools } });
  expect(reasonFor(wide)).toBeNull();
  expect(reasonFor(wide, { maxToolProperties: 8 })).toBe('too-many-tool-properties');
  const call = aRecord({ response: { choices: [{ message: called('look_up', {}) }] } });
  expect(reasonFor(call, { workloadType: 'generic' })).toBe('tool-call-in-generic-workload');
});

test('arguments in the history, null content or foreign roles reject a record', () => {
  const messages = [said('human', 'hi'), called('look_up', '{broken'), { role: 'tool', tool_call_id: 'x' }];
  const read = readRecord(aRecord({ request: { messages, tools: null } }));
  expect(read).toMatchObject({
    record: {
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, toolCalls: [{ name: 'look_up', arguments: '{broken' }] },
        { role: 'tool', content: null, toolCallId: 'x' },
      ],
    },
  });
});

test("a call of OpenAI's former functions is lost where text stands beside it, or its tools are", () => {
  const call = (text: string | null) => ({
    ...said('assistant', text),
    function_call: { name: 'look_up', arguments: '{"n": 1}' },
  });
  const messages = [
    said('user', 'Where?'),
    call('One moment.'),
    { ...said('function', 'found'), name: 'look_up' },
  ];
  const functions = [{ name: 'look_up', parameters: { type: 'object' } }];
  const record = readOrFail({
    ...answered(call('Again.'), 'function_call'),
    request: { messages, functions, function_call: { name: 'look_up' } },
  });
  const { request, response } = toEvaluationRow('a', record, { workloadId: 'w', clientId: 'c' });
  expect(request.tools).toEqual([{ type: 'function', function: functions[0] }]);
  expect(request.tool_choice).toEqual({ type: 'function', function: { name: 'look_up' } });
  const asked = { type: 'function', function: { name: 'look_up', arguments: '{"n":1}' } };
  expect(request.messages).toEqual([
    said('user', 'Where?'),
    { ...said('assistant', 'One moment.'), tool_calls: [{ ...asked, id: 'call_1_0' }] },
    { ...said('tool', 'found'), name: 'look_up', tool_call_id: 'call_1_0' },
  ]);
  const called = { type: 'function', function: { name: 'look_up', arguments: { n: 1 } } };
  expect(response.choices[0].message).toEqual({ ...said('assistant', 'Again.'), tool_calls: [called] });
});

test('a call of nothing, as some loggers write it, makes an answer of words a call', () => {
  const message = { ...said('assistant', 'Hi.'), tool_calls: [], function_call: { name: '', arguments: '' } };
  expect(readOrFail(answered(message)).answer).toMatchObject({ content: 'Hi.', toolCalls: [] });
});

test('an answer in parts of text, with or without a type, is no text', () => {
  const parts = [{ type: 'text', text: 'Hello' }, ' there'];
  expect(readOrFail(answered(said('assistant', parts))).answer.content).toBe('Hello there');
});

test.each([101, 5_000, 100_000])('arguments nested %i levels deep end a build', (levels) => {
  const deep = `{"list":${'['.repeat(levels)}${']'.repeat(levels)}}`;
  const answer = { choices: [{ message: called('look_up', deep) }] };
  expect(reasonFor(aRecord({ response: answer }))).toBe('too-deep');
});

const readOrFail = (raw: unknown): CanonicalRecord => {
  const read = recordReader({ ...OPTIONS, parseFunctionArguments: false })(raw);
  if ('rejected' in read) throw new Error(read.rejected);
  return read.record;
};

test('a record that is read from its own row is another record', () => {
  fc.assert(
    fc.property(validRecord, (raw) => {
      const record = readOrFail(raw);
      const { id, answer } = digestOf(record);
      const { request, response } = toEvaluationRow(id, record, { workloadId: 'w', clientId: 'c' });
      const fromEvaluation = aRecord({ request, response });
      const { tools, messages } = trainingRowOf(record);
      const fromTraining = aRecord({
        request: { messages: messages.slice(0, -1), ...(tools && { tools }) },
        response: { choices: [{ message: messages.at(-1) }] },
      });
      expect(digestOf(readOrFail(fromEvaluation))).toMatchObject({ id, answer });
      const again = trainingRowOf(readOrFail(fromTraining));
      expect(stableJson(again)).toBe(stableJson(trainingRowOf(record)));
    }),
    { numRuns: 1_000 },
  );
});

test('a record comes back from the spool as another', () => {
  fc.assert(
    fc.property(validRecord, (raw) => {
      const record = readOrFail(raw);
      const rest = JSON.parse(JSON.stringify(restOf(record, 'a'))) as Rest;
      const again = recordOf(JSON.stringify(trainingRowOf(record)), rest);
      // As JSON: -0 comes back as 0, which no reader of JSON text tells apart.
      expect(stableJson(again)).toBe(stableJson({ ...record, session: null }));
    }),
    { numRuns: 1_000 },
  );
});

test('any JSON at all makes the reader throw', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (raw) => {
      expect(Object.keys(REJECTIONS)).toContain(reasonFor(raw));
    }),
    { numRuns: 2_000 },
  );
});

test('a malformed record makes the reader throw, or is neither read nor rejected', () => {
  fc.assert(
    fc.property(anyRecord, (raw) => {
      const read = readRecord(raw);
      if ('rejected' in read) expect(Object.keys(REJECTIONS)).toContain(read.rejected);
      else expect(read.record.messages.length).toBeGreaterThan(0);
    }),
    { numRuns: 10_000 },
  );
});

test('what is too deep to be written as text again makes the reader throw', () => {
  const list = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const object = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
  const places: [string, (deep: string) => object][] = [
    ['tools', (deep) => ({ request: { messages: [said('user', 'Hello')], tools: [deep] } })],
    ['a message', (deep) => ({ request: { messages: [deep, said('user', 'Hello')] } })],
    ['a content', (deep) => ({ request: { messages: [said('user', deep)] } })],
    ['arguments', (deep) => ({ response: { choices: [{ message: called('look_up', deep) }] } })],
    ['a tool choice', (deep) => ({ request: { messages: [said('user', 'Hello')], tool_choice: deep } })],
  ];
  for (const deep of [list, object])
    for (const [place, recordWith] of places) {
      const text = JSON.stringify(aRecord({ ...recordWith('here') })).replace('"here"', deep);
      const reason = reasonFor(new JsonReader().read(Buffer.from(text)));
      expect([place, ['too-deep', 'broken-message', 'broken-tools']]).toEqual([
        place,
        expect.arrayContaining([reason]),
      ]);
    }
});
