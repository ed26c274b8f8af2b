import { expect, test } from 'vitest';
import { log } from '../../../src/importer/formats/log.js';
import { nat } from '../../../src/importer/formats/nat.js';
import type { Fields } from '../../../src/importer/values.js';
import { expectAnswerToTool, expectToolCall, FUNCTION, OPENAI, readAs, recordOf } from './conversation.js';

/** NAT logs calls without ids, their arguments as objects, and `null` for what there is none of. */
const call = {
  role: 'assistant',
  content: '',
  tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: { city: 'Paris' } } }],
};

const natRecord = (messages: unknown[], message: Fields, finish_reason = 'stop'): Fields => ({
  contract_version: '1.0',
  request: {
    model: 'meta/llama-3.1-70b-instruct',
    messages,
    temperature: null,
    max_tokens: null,
    tools: [{ type: 'function', function: FUNCTION }],
  },
  response: {
    id: 'r1',
    object: 'chat.completion',
    created: '2026-01-05',
    model: 'meta/llama-3.1-70b-instruct',
    choices: [{ index: 0, finish_reason, message }],
    usage: {
      token_usage: { prompt_tokens: 50, completion_tokens: 9, total_tokens: 59 },
      num_llm_calls: 1,
      seconds_between_calls: 0,
    },
  },
  client_id: 'nat-app',
  workload_id: '<workflow>',
  timestamp: 1_767_600_000,
  error_details: null,
});

test("a record of NAT's loses its tool call, its names or its token counts", () => {
  const record = recordOf(nat, natRecord(OPENAI.asked, call, 'tool_calls'));
  expect(expectToolCall(record).timestampMs).toBe(1_767_600_000_000);
  expect(record).toMatchObject({
    workload_id: '<workflow>',
    client_id: 'nat-app',
    contract_version: '1.0',
    response: { usage: { prompt_tokens: 50, completion_tokens: 9, total_tokens: 59 } },
  });
});

test('calls that NAT logs without ids have none that their results answer to', () => {
  const history = [...OPENAI.asked, call, OPENAI.result];
  expectAnswerToTool(recordOf(nat, natRecord(history, OPENAI.answer)));
});

test('of several calls one gets the id of another, or that of a later turn', () => {
  const [one] = call.tool_calls;
  const four = { ...call, tool_calls: [one, one, one, one] };
  const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'rainy' });
  const history = [four, result('a'), result('b'), { role: 'user', content: 'So?' }, result('c')];
  const { request } = recordOf(nat, natRecord(history, OPENAI.answer));
  expect(request).toMatchObject({ messages: { 0: { tool_calls: [{ id: 'a' }, { id: 'b' }, {}, {}] } } });
  // The result of a later turn is the fourth message behind the four calls.
  expect(JSON.stringify(request)).not.toContain('"id":"c"');
});

test('a record whose tool calls NAT has lost is kept', () => {
  const lost = { role: 'assistant', content: '', tool_calls: null };
  const rejected = [{ rejected: 'finish_reason says tool_calls, but the logger kept none' }];
  const item = natRecord(OPENAI.asked, lost, 'tool_calls');
  expect(readAs(nat, item)).toEqual(rejected);
  expect(readAs(log, item)).toEqual(rejected);
});

test('a call that failed is kept', () => {
  const item = { ...natRecord(OPENAI.asked, call), error_details: { message: 'timeout' } };
  expect(readAs(nat, item)).toEqual([{ rejected: 'the call failed' }]);
});

test('a log record is changed on its way', () => {
  const item = { ...natRecord(OPENAI.asked, OPENAI.answer), feedback: { reward: 1 } };
  expect(recordOf(log, item)).toEqual(item);
});
