import type { Message, RejectionReason, ToolCall } from './canonical-record.js';
import { isDeeperThan, MAX_LEVELS } from './json.js';
import { markLongNumbers } from './long-numbers.js';

export class Rejected extends Error {
  readonly reason: RejectionReason;
  constructor(reason: RejectionReason) {
    super(reason);
    this.reason = reason;
  }
}

export type Fields = Record<string, unknown>;

export const asFields = (value: unknown): Fields | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;

/** Names that other chat libraries give to roles, and the one that `tool` had. */
const ROLES: Record<string, string> = { human: 'user', ai: 'assistant', function: 'tool' };

/** What a message has of tool calls; of OpenAI's former functions it has one, in `function_call`. */
export function callsOf({ tool_calls: calls = null, function_call: former = null }: Fields): unknown {
  const hasCalls = calls !== null && !(Array.isArray(calls) && calls.length === 0);
  // Some loggers write a call of nothing where there was none.
  if (hasCalls || former === null || asFields(former)?.['name'] === '') return calls ?? [];
  return [{ function: former }];
}

/**
 * The canonical form of one message. Arguments that are the text of a JSON object are parsed, in the history too, but
 * for those that would lose digits of a number; with `strict` anything else is a rejection, else it stays as it is.
 */
export function readMessage(value: unknown, strict: boolean): Message {
  const fields = asFields(value);
  const role = fields?.['role'];
  if (!fields || typeof role !== 'string' || role === '') throw new Rejected('broken-message');
  const calls = callsOf(fields);
  if (!Array.isArray(calls)) throw new Rejected('broken-tool-call');
  return {
    role: Object.hasOwn(ROLES, role) ? (ROLES[role] ?? role) : role,
    content: fields['content'] ?? null,
    toolCalls: calls.map((call) => readToolCall(call, strict)),
    toolCallId: textOrNull(fields['tool_call_id']),
    name: textOrNull(fields['name']),
  };
}

function readToolCall(value: unknown, strict: boolean): ToolCall {
  const fields = asFields(value);
  const called = asFields(fields?.['function']);
  const name = called?.['name'];
  if (!fields || !called || typeof name !== 'string' || name === '') throw new Rejected('broken-tool-call');
  if ((fields['type'] ?? 'function') !== 'function') throw new Rejected('broken-tool-call');
  return { id: textOrNull(fields['id']), name, arguments: readArguments(called['arguments'], strict) };
}

function readArguments(value: unknown, strict: boolean): unknown {
  const args = asObjectOrText(value ?? {});
  if (asFields(args) === null) {
    if (strict) throw new Rejected('broken-arguments');
    return args;
  }
  if (typeof value !== 'string' || markLongNumbers(value) === null) return args;
  if (isDeeperThan(args, MAX_LEVELS)) throw new Rejected('too-deep');
  if (strict) throw new Rejected('long-number');
  return value;
}

/** What is no JSON object stays the text it is, or gets one: what it means is not for us to say. */
function asObjectOrText(value: unknown): unknown {
  if (typeof value !== 'string') {
    if (Array.isArray(value) && isDeeperThan(value, MAX_LEVELS)) throw new Rejected('too-deep');
    return asFields(value) ?? JSON.stringify(value);
  }
  try {
    const parsed = JSON.parse(value) as unknown;
    return parsed === null ? {} : (asFields(parsed) ?? value);
  } catch {
    return value;
  }
}

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export const hasText = ({ content }: Message): boolean =>
  typeof content === 'string' ? content.trim() !== '' : Array.isArray(content) && content.length > 0;
