import { describe, expect, test } from 'vitest';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import {
  exampleCandidates,
  examplesFor,
  fittingExamples,
  renderExample,
  toInContextRow,
} from '../../src/records/in-context.js';
import { toEvaluationRow } from '../../src/records/rows.js';
import { slicesOf, workloadTypeOf } from '../../src/records/slices.js';
import { countTokens } from '../../src/records/tokens.js';
import {
  allOf,
  aRecord,
  called,
  digestOf,
  digestsOf,
  readRecord,
  said,
  trainingRowOf,
} from '../support/log-records.js';

const TOOLS = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }];
const ORIGIN = { workloadId: 'w', clientId: 'c' };

function canonical(change: Record<string, unknown>): CanonicalRecord {
  const read = readRecord(aRecord(change));
  if ('rejected' in read) throw new Error(read.rejected);
  return read.record;
}
const answer = (message: unknown) => ({ choices: [{ message }] });
const history = [
  said('system', 'Be kind.'),
  said('user', 'Where is W1?'),
  called('look_up', { order: 'W1' }),
  { role: 'tool', tool_call_id: 'call_1', content: '{"state":"sent"}' },
];
const withCall = canonical({
  request: { messages: history, tools: TOOLS },
  response: answer(called('look_up', '{"order":"W2"}')),
});

test('a training row has arguments as text, or null where a customizer wants text', () => {
  const row = trainingRowOf(withCall);
  expect(row.tools).toEqual(TOOLS);
  expect(row.messages.at(-1)).toMatchObject({
    content: '',
    tool_calls: [{ type: 'function', function: { name: 'look_up', arguments: { order: 'W2' } } }],
  });
  expect(row.messages[2]).toMatchObject({
    content: '',
    tool_calls: [{ function: { arguments: { order: 'W1' } } }],
  });
});

test('a call that the agent got wrong keeps a whole training file from being taken', () => {
  const messages = [said('user', 'hi'), called('look_up', '{broken'), said('tool', 'no JSON')];
  const row = trainingRowOf(canonical({ request: { messages, tools: TOOLS } }));
  expect(row.messages[1]?.tool_calls?.[0]?.function.arguments).toEqual({ value: '{broken' });
});

test('a tool without a type is passed on without one, or answers in parts are judged as JSON', () => {
  const record = canonical({
    request: { messages: [said('user', 'hi')], tools: [{ function: { name: 'look_up' } }] },
    response: answer(
      said('assistant', [
        { type: 'text', text: 'Good ' },
        { type: 'text', text: 'day' },
      ]),
    ),
  });
  expect(trainingRowOf(record).tools).toEqual([{ type: 'function', function: { name: 'look_up' } }]);
  expect(toEvaluationRow('id', record, ORIGIN).response.choices[0].message.content).toBe('Good day');
});

test('an evaluation row asks with arguments as objects, or without a tool choice', () => {
  const row = toEvaluationRow('id', withCall, ORIGIN);
  expect(row.request).toMatchObject({ tools: TOOLS, tool_choice: 'auto' });
  expect(row.request.messages[2]?.tool_calls?.[0]?.function.arguments).toBe('{"order":"W1"}');
  expect(row.response.choices[0].message.tool_calls?.[0]?.function.arguments).toEqual({ order: 'W2' });
  const logged = canonical({ request: { messages: history, tools: TOOLS, tool_choice: 'required' } });
  expect(toEvaluationRow('id', logged, ORIGIN).request.tool_choice).toBe('required');
  const plain = toEvaluationRow('id', canonical({}), ORIGIN);
  expect(plain.request).not.toHaveProperty('tools');
  expect(plain.request).not.toHaveProperty('tool_choice');
});

describe('in-context examples', () => {
  const row = toEvaluationRow('id', withCall, ORIGIN);
  const example = { text: renderExample(withCall), tokens: 10 };

  test('lose what the assistant said or called', () => {
    expect(example.text).toBe(
      'For example, in this conversation:\nuser: Where is W1?\n' +
        'tool_calls: [{"name":"look_up","arguments":{"order":"W1"}}]\ntool: {"state":"sent"}\n' +
        'The assistant answered:\nTool calls:\n' +
        JSON.stringify([{ name: 'look_up', arguments: { order: 'W2' } }], null, 2),
    );
  });

  test('change what the judge reads, or add a message', () => {
    const injected = toInContextRow(row, [example]);
    expect(injected.original_messages).toEqual(row.request.messages);
    expect(injected.request.messages).toHaveLength(row.request.messages.length);
    expect(injected.request.messages[0]?.content).toMatch(/For example[\s\S]*Be kind\.$/);
    expect(toInContextRow(row, []).request).toEqual(row.request);
  });

  test('are put nowhere when there is no system message', () => {
    const bare = toEvaluationRow('id', canonical({ request: { messages: [said('user', 'Hi')] } }), ORIGIN);
    expect(toInContextRow(bare, [example]).request.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
    ]);
  });

  test("stand beside a developer's message, or are shown with it", () => {
    const record = canonical({ request: { messages: [said('developer', 'Be kind.'), said('user', 'Hi')] } });
    expect(renderExample(record)).not.toContain('Be kind.');
    const { messages } = toInContextRow(toEvaluationRow('id', record, ORIGIN), [example]).request;
    expect(messages.map(({ role }) => role)).toEqual(['developer', 'user']);
    expect(messages[0]?.content).toMatch(/For example[\s\S]*Be kind\.$/);
  });

  test('turn a system message of several parts into one text', () => {
    const parts = [{ type: 'text', text: 'Be kind.' }];
    const request = { messages: [said('system', parts), said('user', 'Hi')] };
    const multimodal = toEvaluationRow('id', canonical({ request }), ORIGIN);
    expect(toInContextRow(multimodal, [example]).request.messages[0]?.content).toEqual([
      { type: 'text', text: expect.stringContaining('For example') },
      ...parts,
    ]);
  });

  test('stop at the first one that does not fit', async () => {
    const sized = [50, 900, 40, 60].map((tokens) => ({ text: `${tokens}`, tokens }));
    expect((await fittingExamples(sized, 3, 100)).map(({ tokens }) => tokens)).toEqual([50, 40]);
    expect(await fittingExamples(sized, 3, -5)).toEqual([]);
  });

  test('are read though enough have been chosen', async () => {
    let read = 0;
    async function* endless() {
      for (;;) yield await Promise.resolve({ text: `${++read}`, tokens: 10 });
    }
    expect(await fittingExamples(endless(), 3, 100)).toHaveLength(3);
    expect(await fittingExamples(endless(), 0, 100)).toEqual([]);
    expect(read).toBe(3);
  });

  test('never come from a tool that has fewer places than there are tools', () => {
    const groups = [['a1', 'a2'], ['b1'], ['c1'], ['d1']];
    expect(examplesFor(groups, 0, 2).slice(0, 2)).toEqual(['a1', 'b1']);
    expect(examplesFor(groups, 1, 2).slice(0, 2)).toEqual(['c1', 'd1']);
    expect(examplesFor([], 0, 2)).toEqual([]);
  });

  test('are not the shortest of each tool', () => {
    const digests = digestsOf([500, 20, 300].map((lineBytes) => ({ lineBytes })));
    expect(exampleCandidates(digests, allOf(digests), 2)).toEqual([[1, 2]]);
  });
});

test('a workload type that is set gives way to what the records are', () => {
  const plain = digestsOf([digestOf(canonical({}))]);
  expect(workloadTypeOf(plain, allOf(plain), 'auto')).toBe('generic');
  expect(workloadTypeOf(plain, allOf(plain), 'tool-calling')).toBe('tool-calling');
  const mixed = digestsOf([digestOf(canonical({})), digestOf(withCall)]);
  expect(workloadTypeOf(mixed, allOf(mixed), 'auto')).toBe('tool-calling');
});

test('rows without tools are sent a tool choice, or a slice has no file', () => {
  const plainWithTools = canonical({ request: { messages: history, tools: TOOLS } });
  const digests = digestsOf([withCall, plainWithTools, canonical({})].map((record) => digestOf(record)));
  const rows = allOf(digests);
  expect(
    slicesOf(digests, rows, 'tool-calling').map(({ type, file, tools, rows }) => [
      type,
      file,
      tools,
      rows.length,
    ]),
  ).toEqual([
    ['tool-calling', 'eval_data.jsonl', true, 1],
    ['generic', 'eval_plain.jsonl', true, 1],
    ['generic', 'eval_plain_no_tools.jsonl', false, 1],
  ]);
  expect(slicesOf(digests, rows.slice(2), 'generic').map(({ file }) => file)).toEqual(['eval_data.jsonl']);
});

test('a control token in logged text makes the counter throw', () => {
  expect(countTokens('a <|endoftext|> b')).toBeGreaterThan(3);
  expect(countTokens('')).toBe(0);
});
