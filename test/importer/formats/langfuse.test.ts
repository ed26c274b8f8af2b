import { expect, test } from 'vitest';
import { langfuse } from '../../../src/importer/formats/langfuse.js';
import type { Fields } from '../../../src/importer/values.js';
import {
  canonical,
  expectAnswerToTool,
  expectToolCall,
  HISTORY,
  OPENAI,
  readAs,
  recordOf,
  TOOL,
} from './conversation.js';

const generation = (input: unknown, output: unknown, changes: Fields = {}): Fields => ({
  id: 'o1',
  traceId: 't1',
  type: 'GENERATION',
  name: 'OpenAI-generation',
  startTime: '2026-01-05T08:00:00.123Z',
  model: 'gpt-4o',
  input,
  output,
  metadata: null,
  level: 'DEFAULT',
  usageDetails: { input: 50, output: 9, total: 59 },
  ...changes,
});

const toolCall = generation({ messages: OPENAI.asked, tools: [TOOL] }, OPENAI.call, {
  sessionId: 's1',
  traceName: 'weather-chat',
});

test("a generation of Langfuse's loses its tool call, time, conversation or token counts", () => {
  const record = recordOf(langfuse, toolCall, { client: 'shop' });
  expect(expectToolCall(record)).toMatchObject({
    timestampMs: Date.UTC(2026, 0, 5, 8, 0, 0, 123),
    session: 's1',
  });
  expect(record).toMatchObject({
    workload_id: 'weather-chat',
    request: { model: 'gpt-4o' },
    response: { usage: { total_tokens: 59 } },
  });
  expectAnswerToTool(recordOf(langfuse, generation(HISTORY, OPENAI.answer)));
});

test('the name of a trace wins over the workload that the user asks for', () => {
  expect(recordOf(langfuse, toolCall, { workload: 'mine', client: 'shop' })).toMatchObject({
    workload_id: 'mine',
  });
  const named = { ...toolCall, metadata: { workload_id: 'own', client_id: 'bank' } };
  expect(recordOf(langfuse, named)).toMatchObject({ workload_id: 'own', client_id: 'bank' });
});

test('a row of the blob storage export is another record', () => {
  const row = {
    id: 'o1',
    trace_id: 't1',
    type: 'GENERATION',
    start_time: '2026-01-05 08:00:00.123000',
    provided_model_name: 'gpt-4o',
    input: JSON.stringify({ messages: OPENAI.asked, tools: [TOOL] }),
    output: JSON.stringify(OPENAI.call),
    metadata: '{}',
    level: 'DEFAULT',
    usage_details: '{"input":50,"output":9,"total":59}',
    session_id: 's1',
    trace_name: 'weather-chat',
  };
  expect(langfuse.recognises(row)).toBe(true);
  const [mine, theirs] = [row, toolCall].map((item) => recordOf(langfuse, item, { client: 'shop' }));
  expect({ ...mine, timestamp: 0 }).toEqual({ ...theirs, timestamp: 0 });
  expect(canonical(mine ?? {}).timestampMs).toBe(canonical(theirs ?? {}).timestampMs);
});

test('tools that the handler for LangChain logs as messages are lost, or taken for results', () => {
  const call = {
    role: 'assistant',
    content: '',
    tool_calls: [{ name: 'get_weather', args: { city: 'Paris' }, id: 'call_1', type: 'tool_call' }],
    additional_kwargs: { tool_calls: OPENAI.call.tool_calls },
  };
  const offered = { role: 'tool', content: TOOL };
  expectToolCall(recordOf(langfuse, generation([...OPENAI.asked, offered], call)));
  const history = [...OPENAI.asked, call, OPENAI.result, offered];
  const read = expectAnswerToTool(recordOf(langfuse, generation(history, OPENAI.answer)));
  expect(read.tools).toMatchObject([TOOL]);
});

test('a trace with its observations is not one record for each generation', () => {
  const trace = {
    id: 't1',
    name: 'weather-chat',
    sessionId: 's1',
    metadata: { client_id: 'shop' },
    observations: [
      generation({ messages: OPENAI.asked, tools: [TOOL] }, OPENAI.call),
      generation(null, null, { type: 'TOOL', name: 'get_weather' }),
      generation(HISTORY, OPENAI.answer),
    ],
  };
  expect(langfuse.recognises(trace)).toBe(true);
  const [first, second, third] = readAs(langfuse, trace, {});
  expect(first).toMatchObject({
    record: { workload_id: 'weather-chat', client_id: 'shop', session_id: 's1' },
  });
  expect(second).toEqual({ skipped: true });
  expectAnswerToTool(third && 'record' in third ? third.record : {});
});

test('plain texts are not question and answer, though the answer be JSON', () => {
  const read = canonical(recordOf(langfuse, generation('Two colours as JSON?', '["red","blue"]')));
  expect(read.messages).toMatchObject([{ role: 'user', content: 'Two colours as JSON?' }]);
  expect(read.answer.content).toBe('["red","blue"]');
});

test('a generation that failed, or whose answer is not there, becomes a record', () => {
  expect(readAs(langfuse, { ...toolCall, level: 'ERROR' })).toEqual([{ rejected: 'the call failed' }]);
  expect(readAs(langfuse, generation(OPENAI.asked, null))).toEqual([
    { rejected: 'the answer was not logged' },
  ]);
  expect(readAs(langfuse, generation(OPENAI.asked, { role: 'assistant', content: '' }))).toEqual([
    { rejected: 'the answer has neither text nor a tool call' },
  ]);
});
