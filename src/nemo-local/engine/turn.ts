import type { ChatMessage } from './types.js';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export interface Call {
  name: string;
  arguments: Record<string, JsonValue>;
}

export type Role = 'system' | 'user' | 'assistant' | 'tool';

/** A message in the one form that the models read. */
export interface Turn {
  role: Role;
  text: string;
  calls: Call[];
  /** The function whose result this is; only on tool turns. */
  tool?: string;
}

/** Other words, and a user's, are the user's. */
const ROLES = new Map<string, Role>([
  ['system', 'system'],
  ['developer', 'system'],
  ['assistant', 'assistant'],
  ['ai', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

export const roleOf = (word: string): Role => ROLES.get(word) ?? 'user';

/** Reads wire messages; arguments may be an object or a JSON string. */
export function readTurns(messages: readonly ChatMessage[]): Turn[] {
  const nameOfCall = new Map<string, string>();
  let lastCall: string | undefined;
  return messages.map((message) => {
    const turn: Turn = { role: roleOf(message.role), text: readText(message.content), calls: [] };
    for (const { id, call } of readCalls(message.tool_calls)) {
      turn.calls.push(call);
      nameOfCall.set(id, call.name);
      lastCall = call.name;
    }
    if (turn.role !== 'tool') return turn;
    const tool = message.name ?? nameOfCall.get(message.tool_call_id ?? '') ?? lastCall;
    return tool === undefined ? turn : { ...turn, tool };
  });
}

/** Text of a message's content: a string, or the text parts of a multimodal list. */
export function readText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) && typeof part.text === 'string' ? part.text : '')).join('\n');
}

/** Reads one call from `{name, arguments}` or from the wire's `{function: {name, arguments}}`. */
export function readCall(value: unknown): Call | null {
  const call = isRecord(value) && isRecord(value.function) ? value.function : value;
  if (!isRecord(call) || typeof call.name !== 'string') return null;
  const parsed = typeof call.arguments === 'string' ? parseJson(call.arguments) : call.arguments;
  return { name: call.name, arguments: isJsonObject(parsed) ? parsed : {} };
}

/** Parses JSON; undefined when the text is none. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Holds for objects that came out of a JSON parser. */
export function isJsonObject(value: unknown): value is Record<string, JsonValue> {
  return isRecord(value);
}

function readCalls(calls: unknown): { id: string; call: Call }[] {
  if (!Array.isArray(calls)) return [];
  return calls.flatMap((value: unknown) => {
    const call = readCall(value);
    const id = isRecord(value) && typeof value.id === 'string' ? value.id : '';
    return call === null ? [] : [{ id, call }];
  });
}
