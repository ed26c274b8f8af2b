import type { CanonicalRecord, Message, Tool } from './canonical-record.js';
import { stableJson, textHash } from './json.js';
import { rememberedHash } from './known-hashes.js';
import { memoised } from './memoised.js';
import { messageKey } from './message-key.js';
import type { UntrainedReason } from './reward.js';
import { isSystem } from './roles.js';

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
   * The first message that is not the system's: 16 digits. An application writes into system messages what changes from
   * step to step, such as the time. Where there is no other message it is the answer, with which the next step begins.
   */
  beginning: string;
  /** Whether the request is nothing but system messages. */
  isBare: boolean;
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
  /** Of what all records of a conversation have. */
  const sharedHash = rememberedHash();

  return (record, untrained = null) => {
    const { messages, tools, answer, session } = record;
    const keys = messages.map(keyOf);
    const keyOfAnswer = messageKey(answer);
    const { beginning, ...more } = beginningsOf(messages, keys, keyOfAnswer, sharedHash);
    return {
      id: textHash(`${tools === null ? '' : keyOfTools(tools)}${keys.join('')}`, ID_DIGITS),
      timestampMs: record.timestampMs,
      answer: textHash(keyOfAnswer, KEY_DIGITS),
      conversation: session === null ? beginning : sharedHash(`s${session}`, KEY_DIGITS),
      isSession: session !== null,
      beginning,
      ...more,
      label: answer.toolCalls[0]?.name ?? NO_TOOL,
      hasTools: tools !== null,
      untrained,
    };
  };
}

/** Each longer beginning is hashed with the one before it, so that no message is hashed again. */
function beginningsOf(
  messages: readonly Message[],
  keys: readonly string[],
  keyOfAnswer: string,
  sharedHash: typeof textHash,
): Pick<Digest, 'beginning' | 'isBare' | 'longer' | 'system'> {
  const hashes: string[] = [];
  let said = '';
  let system = '';
  for (const [i, message] of messages.entries()) {
    const key = keys[i] ?? '';
    if (isSystem(message)) {
      system += key;
      continue;
    }
    if (hashes.length > MOST_LONGER) continue;
    said += key;
    // What the model wrote itself tells no conversations apart.
    if (hashes.length > 0 && message.role === 'assistant') continue;
    hashes.push(sharedHash(`${hashes.at(-1) ?? ''}${said}`, KEY_DIGITS));
    said = '';
  }
  const [beginning = textHash(keyOfAnswer, KEY_DIGITS), ...longer] = hashes;
  return {
    beginning,
    isBare: hashes.length === 0,
    longer: longer.map((hash) => hash.slice(0, SHORT_DIGITS)),
    system: sharedHash(system, SHORT_DIGITS),
  };
}
