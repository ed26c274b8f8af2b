import { expect, test } from 'vitest';
import { langsmith } from '../../../src/importer/formats/langsmith.js';
import type { Fields } from '../../../src/importer/values.js';
import {
  completion,
  expectAnswerToTool,
  expectToolCall,
  HISTORY,
  OPENAI,
  PARAMETERS,
  readAs,
  recordOf,
  TOOL,
} from './conversation.js';

/** As LangChain serialises a message for its tracer. */
const lc = (name: string, kwargs: Fields): Fields => ({
  lc: 1,
  type: 'constructor',
  id: ['langchain', 'schema', 'messages', name],
  kwargs,
});

const asked = [
  lc('SystemMessage', { content: 'Be brief.', type: 'system' }),
  lc('HumanMessage', { content: 'How is the weather in Paris?', type: 'human' }),
];
const call = lc('AIMessage', {
  content: '',
  type: 'ai',
  tool_calls: [{ name: 'get_weather', args: { city: 'Paris' }, id: 'call_1', type: 'tool_call' }],
  additional_kwargs: { tool_calls: OPENAI.call.tool_calls },
  response_metadata: { finish_reason: 'tool_calls', model_name: 'gpt-4o' },
  usage_metadata: { input_tokens: 50, output_tokens: 9, total_tokens: 59 },
  invalid_tool_calls: [],
});
const result = lc('ToolMessage', {
  content: 'rainy',
  type: 'tool',
  tool_call_id: 'call_1',
  status: 'success',
});
const answer = lc('AIMessage', { content: 'It rains in Paris.', type: 'ai' });

const run = (inputs: unknown, outputs: unknown, changes: Fields = {}): Fields => ({
  id: '018f-1',
  trace_id: '018f-0',
  name: 'ChatOpenAI',
  run_type: 'llm',
  session_id: 'the-id-of-the-project',
  session_name: 'shop-prod',
  start_time: '2026-01-05T08:00:00.123456',
  end_time: '2026-01-05T08:00:01.000000',
  error: null,
  inputs,
  outputs,
  extra: {
    invocation_params: { model: 'gpt-4o', tools: [TOOL] },
    metadata: { thread_id: 'thread-7', ls_model_name: 'gpt-4o' },
  },
  ...changes,
});

const generation = (message: Fields) => ({
  generations: [[{ text: '', type: 'ChatGeneration', message }]],
  llm_output: null,
});

const chain = run({ messages: [asked] }, generation(call));

test("a run of LangChain's loses its tool call, time, conversation or token counts", () => {
  const record = recordOf(langsmith, chain, { workload: 'weather_agent' });
  const read = expectToolCall(record);
  expect(read).toMatchObject({ timestampMs: Date.UTC(2026, 0, 5, 8, 0, 0, 123), session: 'thread-7' });
  expect(record).toMatchObject({
    client_id: 'shop-prod',
    request: { model: 'gpt-4o' },
    response: { choices: [{ finish_reason: 'tool_calls' }], usage: { total_tokens: 59 } },
  });
  expectAnswerToTool(recordOf(langsmith, run({ messages: [[...asked, call, result]] }, generation(answer))));
});

test('LangChain messages in one of their other forms are not read', () => {
  const flat = [
    { type: 'system', content: 'Be brief.' },
    { type: 'human', data: { content: 'How is the weather in Paris?' } },
  ];
  const outputs = { generations: [[{ message: { type: 'ai', ...(call['kwargs'] as Fields) } }]] };
  expectToolCall(recordOf(langsmith, run({ messages: flat }, outputs)));
});

test('a call that LangChain keeps only as the provider sent it is lost', () => {
  const raw = lc('AIMessage', { content: '', additional_kwargs: { tool_calls: OPENAI.call.tool_calls } });
  expectToolCall(recordOf(langsmith, run({ messages: [asked] }, generation(raw))));
});

test("a run of wrap_openai's is not read", () => {
  const inputs = { model: 'gpt-4o', messages: OPENAI.asked, tools: [TOOL] };
  // It writes the token counts elsewhere.
  const outputs = {
    ...completion(OPENAI.call, 'tool_calls'),
    usage: undefined,
    usage_metadata: { input_tokens: 50, output_tokens: 9 },
  };
  const record = recordOf(langsmith, run(inputs, outputs, { extra: {} }));
  expectToolCall(record);
  expect(record).toMatchObject({ response: { usage: { prompt_tokens: 50 } } });
  expect(record).not.toHaveProperty('session_id');
  expectAnswerToTool(recordOf(langsmith, run({ ...inputs, messages: HISTORY }, completion(OPENAI.answer))));
});

test("a run of wrap_anthropic's is not read", () => {
  const use = { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Paris' } };
  const inputs = {
    system: 'Be brief.',
    messages: [OPENAI.asked[1]],
    tools: [{ name: 'get_weather', description: TOOL.function.description, input_schema: PARAMETERS }],
  };
  const message = { role: 'assistant', content: [use], stop_reason: 'tool_use' };
  expectToolCall(recordOf(langsmith, run(inputs, { message }, { extra: null })));
  const results = [{ type: 'tool_result', tool_use_id: 'call_1', content: 'rainy' }];
  const history = [
    OPENAI.asked[1],
    { role: 'assistant', content: [use] },
    { role: 'user', content: results },
  ];
  expectAnswerToTool(
    recordOf(langsmith, run({ ...inputs, messages: history }, { message: OPENAI.answer }, { extra: null })),
  );
});

test('a row of the bulk export, whose objects are texts, is another record', () => {
  const texts = ['inputs', 'outputs', 'extra'].map((key) => [key, JSON.stringify(chain[key])]);
  const row = { ...chain, ...Object.fromEntries(texts) } as Fields;
  expect(recordOf(langsmith, row)).toEqual(recordOf(langsmith, chain));
});

test('what is no call of a model, or failed, or lost its call, becomes a record', () => {
  expect(readAs(langsmith, { ...chain, run_type: 'chain' })).toEqual([{ skipped: true }]);
  expect(readAs(langsmith, { ...chain, error: 'Timeout' })).toEqual([{ rejected: 'the call failed' }]);
  const lost = lc('AIMessage', { content: '', response_metadata: { finish_reason: 'tool_calls' } });
  expect(readAs(langsmith, run({ messages: [asked] }, generation(lost)))).toEqual([
    { rejected: 'finish_reason says tool_calls, but the logger kept none' },
  ]);
});
