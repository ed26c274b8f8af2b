import type { CanonicalRecord, Message, Tool } from './canonical-record.js';
import { stableJson, textHash } from './json.js';
import { memoised } from './memoised.js';
import { messageKey } from './message-key.js';
import type { UntrainedReason } from './reward.js';

/** What tells a record apart from others. Hashes are hex digits. */
export interface Digest {
  /** Names the row in every dataset: 32 digits of messages and tools. */
  id: string;
  timestampMs: number;
  /** Tells different answers to the same request apart: 16 digits. */
  answer: string;
  /** The application's session, else the beginning: 16 digits. */
  conversation: string;
  /** Whether the application named the conversation. */
  isSession: boolean;
  /**
   * The messages through the first user turn: 16 digits. System messages are left out: an application writes into them
   * what changes from step to step, such as the time.
   */
  beginning: string;
  /** The same through the next message from outside, and through those after it, `MOST_LONGER` at most: 8 digits each. */
  longer: string[];
  /** What the system messages say: 8 digits. */
  system: string;
  /** Name of the first tool that is called, or `no_tool`. */
  label: string;
  hasTools: boolean;
  /** Why it may only be evaluated; null: it may be trained on. */
  untrained: UntrainedReason | null;
}

export const NO_TOOL = 'no_tool';
export const ID_DIGITS = 32;
export const KEY_DIGITS = 16;
/** Of keys that only divide what has a longer key in common: where two meet by chance, conversations stay together. */
export const SHORT_DIGITS = 8;
export const MOST_LONGER = 3;

/** Makes digests. It remembers what it hashed of values that records share (see `JsonReader`). */
export function digester(): (record: CanonicalRecord, untrained?: UntrainedReason | null) => Digest {
  const keyOfTools = memoised((tools: Tool[]) => textHash(stableJson(tools), ID_DIGITS));
  const keyOf = memoised(messageKey);

  return (record, untrained = null) => {
    const { messages, tools, answer, session } = record;
    const keys = messages.map(keyOf);
    const { beginning, ...more } = beginningsOf(messages, keys);
    return {
      id: textHash(`${tools === null ? '' : keyOfTools(tools)}${keys.join('')}`, ID_DIGITS),
      timestampMs: record.timestampMs,
      answer: textHash(messageKey(answer), KEY_DIGITS),
      conversation: session === null ? beginning : textHash(`s${session}`, KEY_DIGITS),
      isSession: session !== null,
      beginning,
      ...more,
      label: answer.toolCalls[0]?.name ?? NO_TOOL,
      hasTools: tools !== null,
      untrained,
    };
  };
}

/** Roles whose messages are no part of what is said in turn. */
const SYSTEM = new Set(['system', 'developer']);

/** Each longer beginning is hashed with the one before it, so that no message is hashed again. */
function beginningsOf(
  messages: readonly Message[],
  keys: readonly string[],
): Pick<Digest, 'beginning' | 'longer' | 'system'> {
  const isTurn = ({ role }: Message) => !SYSTEM.has(role);
  const first = messages.findIndex(isTurn);
  const user = messages.findIndex(({ role }) => role === 'user');
  // Where there is nothing but system messages, they are what is asked.
  const opening = first === -1 ? messages.length - 1 : user === -1 ? first : user;
  const hashes: string[] = [];
  let said = '';
  let system = '';
  for (const [i, message] of messages.entries()) {
    if (!isTurn(message)) system += keys[i] ?? '';
    if (!isTurn(message) && first !== -1) continue;
    if (hashes.length > MOST_LONGER) continue;
    said += keys[i] ?? '';
    const isEnd = hashes.length === 0 ? i === opening : message.role !== 'assistant';
    if (!isEnd) continue;
    // What the model wrote itself tells no conversations apart.
    hashes.push(textHash(`${hashes.at(-1) ?? ''}${said}`, KEY_DIGITS));
    said = '';
  }
  const [beginning = '', ...longer] = hashes;
  return {
    beginning,
    longer: longer.map((hash) => hash.slice(0, SHORT_DIGITS)),
    system: textHash(system, SHORT_DIGITS),
  };
}
