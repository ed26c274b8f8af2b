import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REJECTIONS } from '../../src/records/canonical-record.js';
import { readRecord } from '../../src/records/read-record.js';
import { aRecord, anyRecord, called, OPTIONS, said } from '../support/log-records.js';

const reasonFor = (raw: unknown, options = {}) => {
  const read = readRecord(raw, { ...OPTIONS, ...options });
  return 'rejected' in read ? read.rejected : null;
};

test.each([
  [null, 'not-an-object'],
  [[], 'not-an-object'],
  [aRecord({ timestamp: 'yesterday' }), 'no-timestamp'],
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
  [aRecord({ response: { choices: [{ message: called('', {}) }] } }), 'broken-tool-call'],
  [aRecord({ response: { choices: [{ message: called('look_up', '{"order":') }] } }), 'broken-arguments'],
])('%j is not rejected for its one reason', (raw, reason) => {
  expect(reasonFor(raw)).toBe(reason);
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
  const read = readRecord(aRecord({ request: { messages, tools: null } }), OPTIONS);
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
      const read = readRecord(raw, OPTIONS);
      if ('rejected' in read) expect(Object.keys(REJECTIONS)).toContain(read.rejected);
      else expect(read.record.messages.length).toBeGreaterThan(0);
    }),
    { numRuns: 10_000 },
  );
});
