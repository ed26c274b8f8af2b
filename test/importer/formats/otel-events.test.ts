import { expect, test } from 'vitest';
import { otel } from '../../../src/importer/formats/otel/index.js';
import type { Fields } from '../../../src/importer/values.js';
import {
  expectAnswerToTool,
  expectToolCall,
  FUNCTION,
  HISTORY,
  OPENAI,
  readAs,
  recordOf,
} from './conversation.js';
import { event, logRecord, logsDocument, span, spansDocument } from './otlp-document.js';

/** Events before v1.37 say nothing of the tools that are offered; the span may. */
const ATTRIBUTES = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.tool.definitions': JSON.stringify([FUNCTION]),
};

const asked = [
  logRecord('gen_ai.system.message', { content: 'Be brief.' }),
  logRecord('gen_ai.user.message', { content: 'How is the weather in Paris?' }),
];
const { tool_calls } = OPENAI.call;
const called = logRecord('gen_ai.choice', {
  index: 0,
  finish_reason: 'tool_calls',
  message: { role: 'assistant', tool_calls },
});
const history = [
  logRecord('gen_ai.assistant.message', { tool_calls }),
  logRecord('gen_ai.tool.message', { id: 'call_1', content: 'rainy' }),
];
const answered = logRecord('gen_ai.choice', {
  index: 0,
  finish_reason: 'stop',
  message: { content: 'It rains in Paris.' },
});

const together = (...logRecords: Fields[]): Fields => ({
  ...spansDocument(span(ATTRIBUTES)),
  ...logsDocument(...logRecords),
});

test('events among the logs are not put together with their span', () => {
  expectToolCall(recordOf(otel, together(...asked, called)));
  expectAnswerToTool(recordOf(otel, together(...asked, ...history, answered)));
});

test('events of a span that is in another file are no call', () => {
  const record = recordOf(otel, logsDocument(...asked, ...history, answered));
  expect(expectAnswerToTool(record).timestampMs).toBe(Date.UTC(2026, 0, 5, 8, 0, 0, 123));
});

test('events of two spans are mixed', () => {
  const other = { ...answered, spanId: 'f'.repeat(16) };
  const readings = readAs(otel, logsDocument(...asked, answered, other));
  expect(readings).toMatchObject([{ record: {} }, { rejected: 'the request has no messages' }]);
});

test('events on the span itself, with their content as JSON, are not read', () => {
  const told = (name: string, content: unknown) =>
    event(name, { 'gen_ai.event.content': JSON.stringify(content) });
  const events = [
    told('gen_ai.system.message', { content: 'Be brief.' }),
    told('gen_ai.user.message', { content: 'How is the weather in Paris?' }),
    told('gen_ai.choice', { index: 0, finish_reason: 'tool_calls', message: { tool_calls } }),
  ];
  expectToolCall(recordOf(otel, spansDocument(span(ATTRIBUTES, { events }))));
});

test('prompt and completion in one event each are not read', () => {
  const events = (prompt: unknown, completion: unknown) => [
    event('gen_ai.content.prompt', { 'gen_ai.prompt': JSON.stringify(prompt) }),
    event('gen_ai.content.completion', { 'gen_ai.completion': JSON.stringify(completion) }),
  ];
  const read = (prompt: unknown, completion: unknown) =>
    recordOf(otel, spansDocument(span(ATTRIBUTES, { events: events(prompt, completion) })));
  expectToolCall(read(OPENAI.asked, [OPENAI.call]));
  expectAnswerToTool(read(HISTORY, [OPENAI.answer]));
});

test('the event that tells a whole call, alone or beside its span, is not read', () => {
  const content = (value: string) => [{ type: 'text', content: value }];
  const details = logRecord(
    'gen_ai.client.inference.operation.details',
    {},
    {
      ...ATTRIBUTES,
      'gen_ai.input.messages': OPENAI.asked.map(({ role, content: value }) => ({
        role,
        parts: content(value),
      })),
      'gen_ai.output.messages': [
        {
          role: 'assistant',
          parts: [{ type: 'tool_call', id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }],
          finish_reason: 'tool_call',
        },
      ],
    },
  );
  expectToolCall(recordOf(otel, logsDocument(details)));
  expectToolCall(recordOf(otel, together(details)));
});

test('log records that have nothing to do with a model are taken for calls', () => {
  expect(readAs(otel, logsDocument({ body: { stringValue: 'started' }, attributes: [] }))).toEqual([]);
});
