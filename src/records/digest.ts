import { shortHash } from '../ids.js';
import type { CanonicalRecord, Message } from './canonical-record.js';

/** What stays in memory of a record; its content lies in the spool at `offset`. */
export interface Digest {
  /** Names the row in every dataset: a hash of messages and tools. */
  id: string;
  timestampMs: number;
  /** Tells different answers to the same request apart. */
  answer: string;
  /** By the application's session, else by the messages through the first user turn, or through the second. */
  conversation: string;
  longerConversation: string;
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

/** JSON with sorted keys: equal content gives equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const hash = (value: unknown): string => shortHash(stableJson(value), HEX);

/** Ids that providers make up differ from call to call and say nothing. */
const withoutIds = (messages: readonly Message[]) =>
  messages.map(({ role, content, toolCalls, name }) => ({
    role,
    content,
    name,
    calls: toolCalls.map((call) => [call.name, call.arguments]),
  }));

export function digestOf(record: CanonicalRecord, offset: number, length: number): Digest {
  const { messages, tools, answer, session } = record;
  const named = session === null ? null : `${SESSION}${session}`;
  return {
    id: hash([withoutIds(messages), tools]),
    timestampMs: record.timestampMs,
    answer: hash(withoutIds([answer])),
    conversation: named ?? hash(withoutIds(throughUserTurn(messages, 1))),
    longerConversation: named ?? hash(withoutIds(throughUserTurn(messages, 2))),
    label: answer.toolCalls[0]?.name ?? NO_TOOL,
    hasTools: tools !== null,
    offset,
    length,
  };
}

/** The messages up to the nth of the user; all when there are fewer. */
function throughUserTurn(messages: readonly Message[], nth: number): readonly Message[] {
  let turns = 0;
  const end = messages.findIndex(({ role }) => role === 'user' && ++turns === nth);
  return end === -1 ? messages : messages.slice(0, end + 1);
}
