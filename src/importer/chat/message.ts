import { asFields, asList, defined, type Fields, isFields, isText } from '../values.js';
import { isCallBlock, toToolCalls } from './tool-call.js';

/** By LangChain's `type` and class names, and by names that others give to roles. */
const ROLES: Record<string, string> = {
  human: 'user',
  HumanMessage: 'user',
  HumanMessageChunk: 'user',
  ai: 'assistant',
  AIMessage: 'assistant',
  AIMessageChunk: 'assistant',
  system: 'system',
  SystemMessage: 'system',
  developer: 'developer',
  tool: 'tool',
  ToolMessage: 'tool',
  function: 'tool',
  FunctionMessage: 'tool',
};

/**
 * Messages of OpenAI's chat completions from one of theirs, of Anthropic's, or of LangChain's in any of its serialised
 * forms (`lc` with `kwargs`, `type` with `data`, flat); none where it is no message.
 * LangChain: https://github.com/langchain-ai/langchain/blob/master/libs/core/langchain_core/load/serializable.py
 */
export function toMessages(value: unknown): Fields[] {
  const fields = unwrapped(value);
  const role = roleOf(fields);
  if (role === undefined) return [];
  const message = defined({
    role,
    content: contentOf(fields['content']),
    tool_calls: toToolCalls(fields),
    tool_call_id: fields['tool_call_id'],
    name: fields['name'],
  });
  const results = asList(fields['content']).filter(isResultBlock).map(toolMessage);
  const isEmpty = message['content'] === undefined && message['tool_calls'] === undefined;
  return results.length > 0 && isEmpty ? results : [...results, { content: null, ...message }];
}

/** The messages of a list, one after the other. */
export const toMessageList = (value: unknown): Fields[] => asList(value).flatMap(toMessages);

function unwrapped(value: unknown): Fields {
  const outer = asFields(value);
  const id = asList(outer['id']);
  // `lc` tells a serialised object from a message; the last part of its id is its class.
  if (outer['lc'] !== undefined && isFields(outer['kwargs'])) return { type: id.at(-1), ...outer['kwargs'] };
  return isFields(outer['data']) && isText(outer['type']) ? { type: outer['type'], ...outer['data'] } : outer;
}

function roleOf({ role, type }: Fields): string | undefined {
  const name = isText(role) ? role : type;
  if (!isText(name)) return undefined;
  return Object.hasOwn(ROLES, name) ? ROLES[name] : isText(role) ? role : undefined;
}

/** Without the parts that are told elsewhere in the message; undefined where nothing is left. */
function contentOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const parts: unknown[] = content.filter((part) => !isCallBlock(part) && !isResultBlock(part));
  return parts.length === 0 ? undefined : parts;
}

/** Anthropic has a tool's result in a user's message. */
const isResultBlock = (part: unknown): part is Fields => isFields(part) && part['type'] === 'tool_result';

const toolMessage = ({ tool_use_id, content }: Fields): Fields =>
  defined({ role: 'tool', tool_call_id: tool_use_id, content: content ?? '' });
