import type { Fields } from '../records/canonical-message.js';
import { fieldsOf, listOf } from './fields.js';
import { addCall, inOrder, type StreamedCall, withCalled } from './streamed-calls.js';

/** A choice of a streamed completion, so far. */
export interface StreamedChoice {
  index: number;
  message: Fields;
  calls: StreamedCall[];
  logprobs: Fields | null;
  finishReason: unknown;
}

export function addChoice(choices: Map<number, StreamedChoice>, given: Fields): void {
  const index = typeof given['index'] === 'number' ? given['index'] : 0;
  const choice = choices.get(index) ?? newChoice(index);
  choices.set(index, choice);
  for (const [key, value] of Object.entries(fieldsOf(given['delta']))) addToMessage(choice, key, value);
  choice.logprobs = withLists(choice.logprobs, given['logprobs']);
  choice.finishReason = given['finish_reason'] ?? choice.finishReason;
}

export const toChoice = ({ index, message, calls, logprobs, finishReason }: StreamedChoice): Fields => ({
  index,
  message: { ...message, ...(calls.length > 0 && { tool_calls: inOrder(calls) }) },
  logprobs,
  finish_reason: finishReason,
});

const newChoice = (index: number): StreamedChoice => ({
  index,
  calls: [],
  logprobs: null,
  finishReason: null,
  message: { role: 'assistant', content: null },
});

/** Texts come in pieces, whatever their key (`content`, `refusal`, `reasoning_content`, …); of the rest the last counts. */
function addToMessage(choice: StreamedChoice, key: string, value: unknown): void {
  const { message } = choice;
  const before = message[key];
  if (key === 'role') message[key] = value || before;
  else if (key === 'tool_calls') for (const call of listOf(value)) addCall(choice.calls, fieldsOf(call));
  else if (key === 'function_call') message[key] = withCalled(fieldsOf(before), fieldsOf(value));
  else if (typeof value === 'string' && typeof before === 'string') message[key] = before + value;
  else message[key] = value ?? before;
}

/** Log probabilities are lists under some keys, of which each chunk brings a piece. */
function withLists(before: Fields | null, delta: unknown): Fields | null {
  if (typeof delta !== 'object' || delta === null) return before;
  const lists = Object.entries(delta).map(([key, value]) => [
    key,
    Array.isArray(value) ? [...listOf(before?.[key]), ...(value as unknown[])] : (before?.[key] ?? value),
  ]);
  return { ...before, ...(Object.fromEntries(lists) as Fields) };
}
