import { expect, test } from 'vitest';
import { openaiFineTuning } from '../../../src/importer/formats/openai-fine-tuning.js';
import { openaiPair } from '../../../src/importer/formats/openai-pair.js';
import {
  canonical,
  completion,
  expectAnswerToTool,
  expectToolCall,
  FUNCTION,
  HISTORY,
  NAMES,
  OPENAI,
  readAs,
  recordOf,
  TOOL,
} from './conversation.js';

const request = { model: 'gpt-4o', messages: OPENAI.asked, tools: [TOOL], temperature: 0 };
const toolCall = { request, response: completion(OPENAI.call, 'tool_calls') };

test('a pair of request and response loses its tool call, its time or its token counts', () => {
  const record = recordOf(openaiPair, toolCall);
  expect(expectToolCall(record).timestampMs).toBe(1_760_000_000_000);
  expect(record).toMatchObject({
    workload_id: 'weather_agent',
    client_id: 'shop',
    request: { model: 'gpt-4o', temperature: 0 },
    response: { model: 'gpt-4o-2024-08-06', usage: { prompt_tokens: 50, completion_tokens: 9 } },
  });
  expectAnswerToTool(
    recordOf(openaiPair, { request: { ...request, messages: HISTORY }, response: completion(OPENAI.answer) }),
  );
});

test('a pair that is wrapped in HTTP messages, or in texts, is another record', () => {
  const wrapped = {
    request: { method: 'POST', body: request },
    response: { status_code: 200, body: JSON.stringify(toolCall.response) },
  };
  const texts = { request: JSON.stringify(request), response: JSON.stringify(toolCall.response) };
  for (const item of [wrapped, texts]) {
    expect(openaiPair.recognises(item)).toBe(true);
    expect(recordOf(openaiPair, item)).toEqual(recordOf(openaiPair, toolCall));
  }
});

test('what the metadata of a pair says of workload, client and conversation is not heard', () => {
  const metadata = { workload_id: 'faq', client_id: 'bank', thread_id: 't1' };
  const record = recordOf(openaiPair, { ...toolCall, metadata, timestamp: '2026-01-05T00:00:00Z' });
  expect(record).toMatchObject({ workload_id: 'faq', client_id: 'bank', session_id: 't1' });
  expect(canonical(record).timestampMs).toBe(Date.UTC(2026, 0, 5));
});

test('a tool call that the logger has lost becomes a record', () => {
  const response = completion({ role: 'assistant', content: '', tool_calls: null }, 'tool_calls');
  expect(readAs(openaiPair, { request, response })).toEqual([
    { rejected: 'finish_reason says tool_calls, but the logger kept none' },
  ]);
});

test('a pair without an answer, or with an empty one, becomes a record', () => {
  expect(readAs(openaiPair, { request, response: { error: { message: 'no' } } })).toEqual([
    { rejected: 'the answer was not logged' },
  ]);
  expect(readAs(openaiPair, { request, response: completion({ role: 'assistant', content: ' ' }) })).toEqual([
    { rejected: 'the answer has neither text nor a tool call' },
  ]);
});

test('functions, as OpenAI had them before tools, are lost', () => {
  const call = {
    role: 'assistant',
    content: null,
    function_call: { name: 'get_weather', arguments: '{"city":"Paris"}' },
  };
  const item = {
    request: { model: 'gpt-4', messages: OPENAI.asked, functions: [FUNCTION] },
    response: completion(call, 'function_call'),
  };
  expectToolCall(recordOf(openaiPair, item));
});

test('a fine-tuning example is not a record for each message of the assistant', () => {
  const example = { messages: [...HISTORY, OPENAI.answer], tools: [TOOL], parallel_tool_calls: false };
  const records = readAs(openaiFineTuning, example).map((reading) =>
    'record' in reading ? reading.record : {},
  );
  expect(records).toHaveLength(2);
  const [first = {}, second = {}] = records;
  expect(expectToolCall(first).timestampMs).toBe(946_684_801_000);
  expect(expectAnswerToTool(second).timestampMs).toBe(946_684_801_001);
  expect(second).toMatchObject({ request: { parallel_tool_calls: false } });
  expect(first['session_id']).toBe(second['session_id']);
  expect(first['session_id']).toMatch(/^[0-9a-f]{16}$/);
});

test('two fine-tuning examples are taken for one conversation', () => {
  const of = (content: string) =>
    recordOf(openaiFineTuning, { messages: [{ role: 'user', content }, OPENAI.answer] })['session_id'];
  expect(of('one')).not.toBe(of('two'));
});

test('a message of weight 0 is learned, or left out of the history of the others', () => {
  const unlearned = { role: 'assistant', content: 'Hm.', weight: 0 };
  const messages = [...OPENAI.asked, unlearned, { role: 'user', content: 'Yes?' }, OPENAI.answer];
  const read = canonical(recordOf(openaiFineTuning, { messages }));
  expect(read.messages.map(({ content }) => content)).toContain('Hm.');
  expect(read.answer.content).toBe('It rains in Paris.');
});

test('an example that answers nothing, or is not answered, becomes a record', () => {
  expect(readAs(openaiFineTuning, { messages: OPENAI.asked })).toEqual([
    { rejected: 'no message of the assistant is there to be learned' },
  ]);
  expect(readAs(openaiFineTuning, { messages: [OPENAI.answer] })).toEqual([
    { rejected: 'the request has no messages' },
  ]);
});

test('a record gets a name that nobody gave', () => {
  expect(readAs(openaiFineTuning, { messages: [...HISTORY, OPENAI.answer] }, {})).toEqual([
    { unnamed: ['workload', 'client'] },
    { unnamed: ['workload', 'client'] },
  ]);
  expect(readAs(openaiPair, toolCall, { client: NAMES.client })).toEqual([{ unnamed: ['workload'] }]);
});
