import { expect } from 'vitest';
import type { Format, Names, Reading } from '../../../src/importer/format.js';
import type { Fields } from '../../../src/importer/values.js';
import type { CanonicalRecord } from '../../../src/records/canonical-record.js';
import { readRecord } from '../../../src/records/read-record.js';

export const NAMES = { workload: 'weather_agent', client: 'shop' };

/** The parameters of the tool that every example here offers. */
export const PARAMETERS = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
};

export const FUNCTION = {
  name: 'get_weather',
  description: 'The weather of a city.',
  parameters: PARAMETERS,
};

export const TOOL = { type: 'function', function: FUNCTION };

export const readAs = (format: Format, item: Fields, names: Names = NAMES): Reading[] =>
  format.read(item, { names, fallbackMs: 946_684_801_000 });

/** The one record of an item. */
export function recordOf(format: Format, item: Fields, names: Names = NAMES): Fields {
  const [reading, ...more] = readAs(format, item, names);
  if (reading === undefined || !('record' in reading) || more.length > 0)
    throw new Error(`not one record: ${JSON.stringify([reading, ...more])}`);
  return JSON.parse(JSON.stringify(reading.record)) as Fields;
}

export function canonical(record: Fields): CanonicalRecord {
  const options = { parseFunctionArguments: true, maxToolProperties: null, workloadType: 'auto' } as const;
  const read = readRecord(record, options);
  if ('rejected' in read) throw new Error(`rejected: ${read.rejected}`);
  return read.record;
}

/** The first call of the exchange: system and user have spoken, the model calls the tool. */
export function expectToolCall(record: Fields): CanonicalRecord {
  const read = canonical(record);
  expect(read.messages.map(({ role, content }) => [role, content])).toEqual([
    ['system', 'Be brief.'],
    ['user', 'How is the weather in Paris?'],
  ]);
  expect(read.answer.toolCalls).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);
  expect(read.tools).toMatchObject([TOOL]);
  return read;
}

/** The second call: the tool has answered, the model says what came of it. */
export function expectAnswerToTool(record: Fields): CanonicalRecord {
  const read = canonical(record);
  expect(read.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
  const [call] = read.messages[2]?.toolCalls ?? [];
  expect(call).toMatchObject({ name: 'get_weather', arguments: { city: 'Paris' } });
  expect(read.messages[3]).toMatchObject({ content: 'rainy', toolCallId: call?.id });
  expect(read.answer).toMatchObject({ role: 'assistant', content: 'It rains in Paris.', toolCalls: [] });
  return read;
}

/** As OpenAI's chat completions have them. */
export const OPENAI = {
  asked: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'How is the weather in Paris?' },
  ],
  call: {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ],
  },
  result: { role: 'tool', tool_call_id: 'call_1', content: 'rainy' },
  answer: { role: 'assistant', content: 'It rains in Paris.' },
};

export const HISTORY = [...OPENAI.asked, OPENAI.call, OPENAI.result];

export const completion = (message: Fields, finish_reason = 'stop'): Fields => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4o-2024-08-06',
  choices: [{ index: 0, finish_reason, message }],
  usage: { prompt_tokens: 50, completion_tokens: 9, total_tokens: 59 },
});
