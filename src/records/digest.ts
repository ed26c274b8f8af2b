import type { CanonicalRecord, Message } from './canonical-record.js';
import { contentHash } from './json.js';

/** What stays in memory of a record; its content lies in the spool at `offset`. */
export interface Digest {
  /** Names the row in every dataset: a hash of messages and tools. */
  id: string;
  timestampMs: number;
  /** Tells different answers to the same request apart. */
  answer: string;
  /** By the application's session, else by the messages through the first user turn. */
  conversation: string;
  /** By the messages through the next one from outside; null for a record that ends before it, or has a session. */
  longerConversation: string | null;
  /** Name of the first tool that is called, or `no_tool`. */
  label: string;
  hasTools: boolean;
  offset: number;
  /** Bytes in the spool. */
  length: number;
}

export const NO_TOOL = 'no_tool';
const HEX = 24;
const SESSION = 'session ';

/** Whether the application named the conversation. */
export const isSession = (conversation: string): boolean => conversation.startsWith(SESSION);

const hash = (value: unknown): string => contentHash(value, HEX);

/** Ids that providers make up differ from call to call and say nothing. */
const withoutIds = (messages: readonly Message[]) =>
  messages.map(({ role, content, toolCalls, name }) => ({
    role,
    content,
    name,
    calls: toolCalls.map((call) => [call.name, call.arguments]),
  }));

export function digestOf(record: CanonicalRecord, offset: number, length: number): Digest {
  const { messages, tools, answer } = record;
  return {
    id: hash([withoutIds(messages), tools]),
    timestampMs: record.timestampMs,
    answer: hash(withoutIds([answer])),
    ...conversationOf(record),
    label: answer.toolCalls[0]?.name ?? NO_TOOL,
    hasTools: tools !== null,
    offset,
    length,
  };
}

function conversationOf({ session, messages }: CanonicalRecord) {
  if (session !== null) return { conversation: `${SESSION}${session}`, longerConversation: null };
  const opening = openingOf(messages);
  const next = messages.findIndex(({ role }, i) => i > opening && OUTSIDE.has(role));
  const through = (end: number) => hash(withoutIds(messages.slice(0, end + 1)));
  return { conversation: through(opening), longerConversation: next === -1 ? null : through(next) };
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
