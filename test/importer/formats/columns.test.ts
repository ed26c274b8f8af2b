import { expect, test } from 'vitest';
import { type ColumnMapping, mappingFor, missingColumns } from '../../../src/importer/column-mapping.js';
import { columns } from '../../../src/importer/formats/columns.js';
import {
  canonical,
  completion,
  expectAnswerToTool,
  expectToolCall,
  HISTORY,
  OPENAI,
  recordOf,
  TOOL,
} from './conversation.js';

const MAPPING: ColumnMapping = {
  timestamp: 'ts',
  messages: 'prompt',
  answer: 'reply',
  tools: 'tools',
  session: 'chat',
};

test('a row with messages, tools and answer as JSON loses its tool call', () => {
  const row = {
    ts: '2026-01-05 08:00:00',
    prompt: JSON.stringify(OPENAI.asked),
    reply: JSON.stringify(OPENAI.call),
    tools: JSON.stringify([TOOL]),
    chat: 'c1',
  };
  const read = expectToolCall(recordOf(columns(MAPPING), row));
  expect(read).toMatchObject({ timestampMs: Date.UTC(2026, 0, 5, 8), session: 'c1' });
  const second = { ...row, prompt: HISTORY, reply: OPENAI.answer };
  expectAnswerToTool(recordOf(columns(MAPPING), second));
});

test('plain texts in cells are not question, instruction and answer', () => {
  const mapping = { ...MAPPING, system: 'instruction' };
  const row = { prompt: 'Why?', reply: 'So.', instruction: 'Be brief.', ts: '', chat: '', tools: '' };
  const record = recordOf(columns(mapping), row);
  const read = canonical(record);
  expect(read.messages.map(({ role, content }) => [role, content])).toEqual([
    ['system', 'Be brief.'],
    ['user', 'Why?'],
  ]);
  expect(read).toMatchObject({ answer: { content: 'So.' }, session: null, tools: null });
  expect(record['timestamp']).toBe(946_684_801_000);
});

test('whole requests and responses in cells are not read', () => {
  const row = {
    request: JSON.stringify({ model: 'gpt-4o', messages: OPENAI.asked, tools: [TOOL] }),
    response: JSON.stringify(completion(OPENAI.call, 'tool_calls')),
    workload_id: 'faq',
  };
  const mapping = mappingFor(Object.keys(row), {});
  const record = recordOf(columns(mapping), row);
  expectToolCall(record);
  expect(record).toMatchObject({ workload_id: 'faq', client_id: 'shop', request: { model: 'gpt-4o' } });
});

test('a column that is missing is not told together with those that there are', () => {
  const have = ['ts', 'question', 'reply'];
  expect(missingColumns(have, MAPPING)).toBe(
    "it has no column 'prompt', 'tools', 'chat'. The columns there are: ts, question, reply.",
  );
  expect(missingColumns(have, { answer: 'reply' })).toMatch(
    /hold the messages\. .*question.*--columns messages=/,
  );
  expect(missingColumns(have, { messages: 'question' })).toMatch(/hold the answer\./);
  expect(missingColumns(have, { messages: 'question', answer: 'reply' })).toBeNull();
});
