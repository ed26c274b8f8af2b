import type { CanonicalRecord, Message, Tool } from './canonical-record.js';
import { stableJson, textHash } from './json.js';
import { memoised } from './memoised.js';
import type { UntrainedReason } from './reward.js';

/** What tells a record apart from others. Hashes are hex digits. */
export interface Digest {
  /** Names the row in every dataset: 32 digits of messages and tools. */
  id: string;
  timestampMs: number;
  /** Tells different answers to the same request apart: 16 digits. */
  answer: string;
  /** By the application's session, else by the messages through the first user turn: 16 digits. */
  conversation: string;
  /** Whether the application named the conversation. */
  isSession: boolean;
  /** By the messages through the next one from outside; null for a record that ends before it, or has a session. */
  longerConversation: string | null;
  /** Name of the first tool that is called, or `no_tool`. */
  label: string;
  hasTools: boolean;
  /** Why it may only be evaluated; null: it may be trained on. */
  untrained: UntrainedReason | null;
}

export const NO_TOOL = 'no_tool';
export const ID_DIGITS = 32;
export const KEY_DIGITS = 16;

/** Longer messages stand in keys as their own hash, so that what records share is hashed once and not with each. */
const LONG_MESSAGE = 100;

/** Makes digests. It remembers what it hashed of values that records share (see `JsonReader`). */
export function digester(): (record: CanonicalRecord, untrained?: UntrainedReason | null) => Digest {
  const keyOfTools = memoised((tools: Tool[]) => textHash(stableJson(tools), ID_DIGITS));
  const keyOf = memoised(messageKey);

  return (record, untrained = null) => {
    const { messages, tools, answer } = record;
    const keys = messages.map(keyOf);
    return {
      id: textHash(`${tools === null ? '' : keyOfTools(tools)}${keys.join('')}`, ID_DIGITS),
      timestampMs: record.timestampMs,
      answer: textHash(messageKey(answer), KEY_DIGITS),
      ...conversationOf(record, keys),
      label: answer.toolCalls[0]?.name ?? NO_TOOL,
      hasTools: tools !== null,
      untrained,
    };
  };
}

const messageKey = (message: Message): string => {
  const text = keyText(message);
  return text.length > LONG_MESSAGE ? `#${textHash(text, ID_DIGITS)}` : text;
};

/**
 * What a message says, each part behind its length, so that no two messages run into one. Ids that providers make up
 * differ from call to call and say nothing.
 */
function keyText({ role, content, toolCalls, name }: Message): string {
  const calls = toolCalls.map(
    (call) => `${behindLength(call.name)}${behindLength(stableJson(call.arguments))}`,
  );
  const said =
    typeof content === 'string' ? `t${behindLength(content)}` : `j${behindLength(stableJson(content))}`;
  return `m${behindLength(role)}${said}${name === null ? '' : `n${behindLength(name)}`}c${calls.length}:${calls.join('')}`;
}

const behindLength = (text: string): string => `${text.length}:${text}`;

function conversationOf({ session, messages }: CanonicalRecord, keys: readonly string[]) {
  if (session !== null)
    return { conversation: textHash(`s${session}`, KEY_DIGITS), isSession: true, longerConversation: null };
  const opening = openingOf(messages);
  const next = messages.findIndex(({ role }, i) => i > opening && OUTSIDE.has(role));
  const through = (end: number) => textHash(keys.slice(0, end + 1).join(''), KEY_DIGITS);
  return {
    conversation: through(opening),
    isSession: false,
    longerConversation: next === -1 ? null : through(next),
  };
}

/** Roles whose messages the model did not write: what they say tells conversations apart. */
const OUTSIDE = new Set(['user', 'tool']);

/** Where a conversation begins: the first user turn, else the first message after the system's. */
function openingOf(messages: readonly Message[]): number {
  const user = messages.findIndex(({ role }) => role === 'user');
  if (user !== -1) return user;
  return Math.max(
    0,
    messages.findIndex(({ role }) => role !== 'system'),
  );
}
