import { saysToolCalls } from '../../records/finish-reason.js';
import { asFields, asList, isText } from '../values.js';

/** A finish reason in the words of OpenAI's chat completions; undefined where none is known. */
export function toFinishReason(value: unknown): string | undefined {
  if (!isText(value)) return undefined;
  if (saysToolCalls(value)) return 'tool_calls';
  return value === 'end_turn' ? 'stop' : value;
}

export const LOST_TOOL_CALLS = 'finish_reason says tool_calls, but the logger kept none';

/** Whether a chat completion was a tool call that its logger has not kept. */
export function lostToolCalls(response: unknown): boolean {
  const choice = asList(asFields(response)['choices'])
    .map(asFields)
    .find(({ message }) => message !== undefined && message !== null);
  if (toFinishReason(choice?.['finish_reason']) !== 'tool_calls') return false;
  const message = asFields(choice?.['message']);
  return asList(message['tool_calls']).length === 0 && !message['function_call'];
}
