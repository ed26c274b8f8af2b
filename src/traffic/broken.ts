import type { TrafficRecord } from './conversation.js';
import type { Dice } from './dice.js';

/** What loggers get wrong: each makes a record that cannot be used, or that was logged twice. */
const FAULTS: ((record: TrafficRecord) => unknown)[] = [
  (record) => ({ ...record, response: { ...record.response, choices: [] } }),
  (record) => ({ ...record, response: { ...record.response, choices: [{ index: 0, message: null }] } }),
  (record) => ({ ...record, request: { ...record.request, messages: 'lost' } }),
  (record) => withAnswer(record, { role: 'assistant', content: '', tool_calls: null }, 'tool_calls'),
  (record) => withAnswer(record, callWith('{"order_id": "W1'), 'tool_calls'),
  (record) => ({ ...record, timestamp: record.timestamp + 1 }),
];

const callWith = (broken: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'call_x', type: 'function', function: { name: 'get_order', arguments: broken } }],
});

const withAnswer = (record: TrafficRecord, message: unknown, finish_reason: string) => ({
  ...record,
  response: { ...record.response, choices: [{ index: 0, finish_reason, message }] },
});

/** The record with one fault. */
export const broken = (record: TrafficRecord, dice: Dice): unknown => dice.pick(FAULTS)(record);
