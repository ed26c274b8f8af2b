import { expect, test } from 'vitest';
import { otel } from '../../../src/importer/formats/otel/index.js';
import type { Fields } from '../../../src/importer/values.js';
import { canonical, expectAnswerToTool, expectToolCall, FUNCTION, readAs, recordOf } from './conversation.js';
import { span, spansDocument } from './otlp-document.js';

const text = (role: string, content: string): Fields => ({ role, parts: [{ type: 'text', content }] });

const asked = [text('system', 'Be brief.'), text('user', 'How is the weather in Paris?')];
const call = {
  role: 'assistant',
  parts: [{ type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }],
};
const result = { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'rainy' }] };
const answer = text('assistant', 'It rains in Paris.');

const chat = (input: unknown, output: unknown, more: Fields = {}): Fields => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.response.model': 'gpt-4o-2024-08-06',
  'gen_ai.usage.input_tokens': 50,
  'gen_ai.usage.output_tokens': 9,
  'gen_ai.conversation.id': 'conv_1',
  'gen_ai.agent.name': 'weather_agent',
  'gen_ai.tool.definitions': JSON.stringify([{ type: 'function', ...FUNCTION }]),
  'gen_ai.input.messages': JSON.stringify(input),
  'gen_ai.output.messages': JSON.stringify(output),
  ...more,
});

const toolCall = chat(asked, [{ ...call, finish_reason: 'tool_call' }]);

test('a span of the convention of today loses its tool call, names, time, conversation or token counts', () => {
  const record = recordOf(otel, spansDocument(span(toolCall)), {});
  expect(expectToolCall(record)).toMatchObject({
    timestampMs: Date.UTC(2026, 0, 5, 8, 0, 0, 123),
    session: 'conv_1',
  });
  expect(record).toMatchObject({
    workload_id: 'weather_agent',
    client_id: 'shop',
    request: { model: 'gpt-4o' },
    response: {
      model: 'gpt-4o-2024-08-06',
      choices: [{ finish_reason: 'tool_calls' }],
      usage: { prompt_tokens: 50, completion_tokens: 9, total_tokens: 59 },
    },
  });
  const second = chat([...asked, call, result], [{ ...answer, finish_reason: 'stop' }]);
  expectAnswerToTool(recordOf(otel, spansDocument(span(second)), {}));
});

test('attributes that are structured, not JSON, and instructions that stand apart are not read', () => {
  const record = recordOf(
    otel,
    spansDocument(
      span({
        ...toolCall,
        'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
        'gen_ai.input.messages': asked.slice(1),
        'gen_ai.output.messages': [{ ...call, finish_reason: 'tool_call' }],
        'gen_ai.tool.definitions': [{ type: 'function', ...FUNCTION }],
      }),
    ),
  );
  expectToolCall(record);
});

test('what a model thought, and results under their older name, are not told apart', () => {
  const reasoning = { type: 'reasoning', content: 'Rain, they say.' };
  const older = { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', result: 'rainy' }] };
  const said = { ...answer, parts: [reasoning, { type: 'text', content: 'It rains in Paris.' }] };
  expectAnswerToTool(recordOf(otel, spansDocument(span(chat([...asked, call, older], [said])))));
});

test('results of several tools in one message become one', () => {
  const parts = ['a', 'b'].map((id) => ({ type: 'tool_call_response', id, response: { sky: id } }));
  const read = canonical(
    recordOf(otel, spansDocument(span(chat([...asked, { role: 'tool', parts }], [answer])))),
  );
  expect(read.messages.slice(2)).toMatchObject([
    { role: 'tool', toolCallId: 'a', content: '{"sky":"a"}' },
    { role: 'tool', toolCallId: 'b', content: '{"sky":"b"}' },
  ]);
});

test('an image is dropped from a message', () => {
  const parts = [
    { type: 'text', content: 'What is this?' },
    { type: 'uri', modality: 'image', uri: 'https://x/y.png' },
  ];
  const read = canonical(recordOf(otel, spansDocument(span(chat([{ role: 'user', parts }], [answer])))));
  expect(read.messages[0]?.content).toEqual([{ type: 'text', text: 'What is this?' }, parts[1]]);
});

test('spans of OpenLLMetry are not read', () => {
  const first = {
    'llm.request.type': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'traceloop.workflow.name': 'weather_agent',
    'traceloop.association.properties.session_id': 's1',
    'gen_ai.prompt.0.role': 'system',
    'gen_ai.prompt.0.content': 'Be brief.',
    'gen_ai.prompt.1.role': 'user',
    'gen_ai.prompt.1.content': 'How is the weather in Paris?',
    'llm.request.functions.0.name': FUNCTION.name,
    'llm.request.functions.0.description': FUNCTION.description,
    'llm.request.functions.0.parameters': JSON.stringify(FUNCTION.parameters),
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.finish_reason': 'tool_calls',
    'gen_ai.completion.0.tool_calls.0.id': 'call_1',
    'gen_ai.completion.0.tool_calls.0.name': 'get_weather',
    'gen_ai.completion.0.tool_calls.0.arguments': '{"city":"Paris"}',
    'gen_ai.usage.prompt_tokens': 50,
    'gen_ai.usage.completion_tokens': 9,
  };
  const record = recordOf(otel, spansDocument(span(first)), {});
  expect(expectToolCall(record).session).toBe('s1');
  expect(record).toMatchObject({ workload_id: 'weather_agent', response: { usage: { total_tokens: 59 } } });
  const second = {
    ...Object.fromEntries(Object.entries(first).filter(([key]) => !key.includes('completion'))),
    'gen_ai.prompt.2.role': 'assistant',
    'gen_ai.prompt.2.tool_calls.0.id': 'call_1',
    'gen_ai.prompt.2.tool_calls.0.name': 'get_weather',
    'gen_ai.prompt.2.tool_calls.0.arguments': '{"city":"Paris"}',
    'gen_ai.prompt.3.role': 'tool',
    'gen_ai.prompt.3.content': 'rainy',
    'gen_ai.prompt.3.tool_call_id': 'call_1',
    'gen_ai.completion.0.content': 'It rains in Paris.',
  };
  expectAnswerToTool(recordOf(otel, spansDocument(span(second)), {}));
});

test('eleven messages of OpenLLMetry are put in the order of their names, not of their numbers', () => {
  const prompts = Array.from({ length: 11 }, (_, n) => [
    [`gen_ai.prompt.${n}.role`, 'user'],
    [`gen_ai.prompt.${n}.content`, `message ${n}`],
  ]).reverse();
  const attributes = {
    ...Object.fromEntries(prompts.flat()),
    'gen_ai.completion.0.content': 'Yes.',
  } as Fields;
  const read = canonical(recordOf(otel, spansDocument(span(attributes))));
  expect(read.messages.map(({ content }) => content)).toEqual(
    Array.from({ length: 11 }, (_, n) => `message ${n}`),
  );
});

test('messages that are told in two conventions at once are told twice', () => {
  const both = { ...toolCall, 'gen_ai.prompt.0.role': 'user', 'gen_ai.prompt.0.content': 'once more' };
  expectToolCall(recordOf(otel, spansDocument(span(both))));
});

test('spans that are no calls of a model, calls that failed or whose content was not captured become records', () => {
  const document = spansDocument(
    span({ 'http.request.method': 'POST' }),
    span({ ...toolCall, 'gen_ai.operation.name': 'invoke_agent' }, { spanId: '2' }),
    span({ ...toolCall, 'gen_ai.operation.name': 'execute_tool' }, { spanId: '3' }),
    span({ ...toolCall, 'error.type': 'timeout' }, { spanId: '4' }),
    span(toolCall, { spanId: '5', status: { code: 2 } }),
    span({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' }, { spanId: '6' }),
    span(chat(asked, [{ role: 'assistant', parts: [], finish_reason: 'tool_call' }]), { spanId: '7' }),
  );
  expect(readAs(otel, document)).toEqual([
    { skipped: true },
    { skipped: true },
    { skipped: true },
    { rejected: 'the call failed' },
    { rejected: 'the call failed' },
    { rejected: 'the request has no messages' },
    { rejected: 'finish_reason says tool_calls, but the logger kept none' },
  ]);
});
