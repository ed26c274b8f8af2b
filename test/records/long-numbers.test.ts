import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageKey } from '../../src/records/message-key.js';
import { JsonReader } from '../../src/records/json-reader.js';
import { recordReader } from '../../src/records/read-record.js';
import { toEvaluationRow } from '../../src/records/rows.js';
import { markLongNumbers } from '../../src/records/long-numbers.js';
import { aRecord, called, digestOf, OPTIONS, said, trainingRowOf } from '../support/log-records.js';

const LONG = '1234567890123456710';
const tools = [{ type: 'function', function: { name: 'look_up', parameters: { maximum: 1 } } }];
const read = recordReader({ ...OPTIONS, parseFunctionArguments: false });

/** A record whose history and answer have these arguments, given as they stand in its JSON. */
function withArguments(json: string) {
  const call = called('look_up', 'here');
  const messages = [said('user', 'Where?'), call, { ...said('tool', 'x'), tool_call_id: 'call_1' }];
  const record = aRecord({ request: { messages, tools }, response: { choices: [{ message: call }] } });
  const text = JSON.stringify(record).replaceAll('"here"', () => json);
  const result = read(new JsonReader().read(Buffer.from(text)));
  if ('rejected' in result) throw new Error(result.rejected);
  return result.record;
}

const rowOf = (json: string) => toEvaluationRow('a', withArguments(json), { workloadId: 'w', clientId: 'c' });

const asText = (json: string) => JSON.stringify(json);

const long = fc.bigInt({ min: 10n ** 15n, max: 10n ** 25n }).map(String);
const inObject = (number: string) => `{"n":[${number},"${number}"],"a":"\\"${number}"}`;

test('a long number in arguments is altered, as text or as a value', () => {
  fc.assert(
    fc.property(long, fc.boolean(), (number, isText) => {
      const args = inObject(number);
      const json = isText ? asText(args) : args;
      const { request, response } = rowOf(json);
      expect(request.messages[1]?.tool_calls?.[0]?.function.arguments).toBe(args);
      const answered = response.choices[0].message.tool_calls?.[0]?.function.arguments;
      expect(typeof answered === 'string' ? answered : JSON.stringify(answered)).toBe(args);
      expect(JSON.stringify(trainingRowOf(withArguments(json))).replaceAll('\\', '')).toContain(
        `[${number},`,
      );
    }),
  );
});

test('records that differ in a long number alone count as the same', () => {
  for (const form of [asText, (json: string) => json]) {
    const [one, other] = [LONG, '1234567890123456711'].map((number) => withArguments(form(inObject(number))));
    expect(one && digestOf(one).id).not.toBe(other && digestOf(other).id);
    expect(one && digestOf(one).answer).not.toBe(other && digestOf(other).answer);
  }
});

test('arguments with a long number that are written otherwise count as others', () => {
  const keys = [
    asText(`{"b": 1, "a": ${LONG}}`),
    asText(`{"a":${LONG},"b":1}`),
    `{ "a":${LONG}, "b":1 }`,
  ].map((json) => digestOf(withArguments(json)).id);
  expect(new Set(keys).size).toBe(1);
});

test('numbers that can be kept, or stand in texts, keep arguments from being values', () => {
  for (const number of [
    '9007199254740991',
    '1000000000000000000',
    '0.1234567890123456789',
    `"${LONG}"`,
    '-0',
  ])
    expect(withArguments(asText(`{"n":${number}}`)).answer.toolCalls[0]?.arguments).toEqual({
      n: JSON.parse(number) as unknown,
    });
});

test('an answer whose arguments must be values is learned from with an altered number', () => {
  const strict = recordReader(OPTIONS);
  const record = (args: string) =>
    new JsonReader().read(
      Buffer.from(
        JSON.stringify(
          aRecord({
            request: { messages: [said('user', 'Where?')], tools },
            response: { choices: [{ message: called('look_up', 'here') }] },
          }),
        ).replace('"here"', () => args),
      ),
    );
  for (const args of [`{"n":${LONG}}`, asText(`{"n":${LONG}}`)])
    expect(strict(record(args))).toEqual({ rejected: 'long-number' });
});

test('a long number elsewhere in a record changes how it is read', () => {
  const text = JSON.stringify(aRecord({ session_id: 'here', n: 'here' })).replaceAll('"here"', LONG);
  expect(new JsonReader().read(Buffer.from(text))).toEqual(JSON.parse(text));
});

test('what is no JSON, or too deep, is marked or compared with an error', () => {
  const deep = `{"a":${LONG},"b":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
  const call = (args: string) => ({ id: null, name: 'look_up', arguments: args });
  for (const args of [`{"a":${LONG}`, `"${LONG}`, deep, `{"a":"\\`])
    expect(
      messageKey({ role: 'assistant', content: null, toolCalls: [call(args)], toolCallId: null, name: null }),
    ).not.toBe('');
  for (const json of [deep, asText(deep)]) expect(() => withArguments(json)).toThrow('too-deep');
});

test('marking takes a number within a text for one', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: fc.constantFrom('"', '\\', LONG, ',', ':', '{') }), (json) => {
      expect(markLongNumbers(json)).toBeNull();
    }),
  );
});
