import type { Answer } from './chat/answer.js';
import { LOST_TOOL_CALLS, lostToolCalls, toFinishReason } from './chat/finish-reason.js';
import type { Reading } from './format.js';
import type { namesOf } from './names.js';
import { defined, type Fields, isText } from './values.js';

/** One call of a model, as the formats find it. */
export interface ModelCall {
  names: ReturnType<typeof namesOf>;
  timestamp: unknown;
  session: unknown;
  /** Everything that the request holds besides `messages`, under OpenAI's names. */
  parameters: Fields;
  messages: Fields[];
  /** null: it was not logged. */
  answer: Answer | null;
  /** Of the answer: `id`, `model`, `usage` under OpenAI's names. */
  response?: Fields;
}

/** The log record of a call, or why it is none. */
export function toReading(call: ModelCall): Reading {
  const { messages, answer, names } = call;
  if (messages.length === 0) return { rejected: 'the request has no messages' };
  if (answer === null) return { rejected: 'the answer was not logged' };
  const response = {
    ...defined(call.response ?? {}),
    choices: [
      defined({ index: 0, finish_reason: toFinishReason(answer.finishReason), message: answer.message }),
    ],
  };
  if (lostToolCalls(response)) return { rejected: LOST_TOOL_CALLS };
  if (isEmpty(answer.message)) return { rejected: 'the answer has neither text nor a tool call' };
  const unnamed = [
    ...(names.workload_id === undefined ? ['workload' as const] : []),
    ...(names.client_id === undefined ? ['client' as const] : []),
  ];
  if (unnamed.length > 0) return { unnamed };
  const request = { ...defined(call.parameters), messages };
  return {
    record: defined({ timestamp: call.timestamp, ...names, session_id: call.session, request, response }),
  };
}

/** Token counts under OpenAI's names; undefined where there are none. */
export function toUsage(input: unknown, output: unknown): Fields | undefined {
  if (typeof input !== 'number' || typeof output !== 'number') return undefined;
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function isEmpty({ content, tool_calls }: Fields): boolean {
  if (Array.isArray(tool_calls) && tool_calls.length > 0) return false;
  return Array.isArray(content) ? content.length === 0 : !isText(content) || content.trim() === '';
}
