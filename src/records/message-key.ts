import { asFields } from './canonical-message.js';
import type { Message } from './canonical-record.js';
import { textOfPart } from './compared-text.js';
import { isDeeperThan, MAX_LEVELS, stableJson, textHash } from './json.js';
import { markLongNumbers } from './long-numbers.js';

const MESSAGE_HASH_DIGITS = 32;

/** Longer messages stand in keys as their own hash, so that what records share is hashed once and not with each. */
const LONG_MESSAGE = 100;

/** A text that is equal for messages that say the same, however they are written, and unlike for others. */
export function messageKey(message: Message): string {
  const text = keyText(message);
  return text.length > LONG_MESSAGE ? `#${textHash(text, MESSAGE_HASH_DIGITS)}` : text;
}

/**
 * What a message says, each part behind its length, so that no two messages run into one. Ids that providers make up
 * differ from call to call and say nothing, and neither do names, which one logger writes and another does not.
 */
function keyText({ role, content, toolCalls }: Message): string {
  const calls = toolCalls.map(
    (call) => `${behindLength(call.name)}${behindLength(stableJson(comparedArguments(call.arguments)))}`,
  );
  const compared = comparedContent(content);
  const said =
    typeof compared === 'string' ? `t${behindLength(compared)}` : `j${behindLength(stableJson(compared))}`;
  return `m${behindLength(role)}${said}c${calls.length}:${calls.join('')}`;
}

const behindLength = (text: string): string => `${text.length}:${text}`;

/** No arguments are written as `{}`, as null (which is read as `{}`), or not at all. */
function comparedArguments(args: unknown): unknown {
  if (typeof args !== 'string') return args;
  return args.trim() === '' ? {} : withMarkedNumbers(args);
}

/** Arguments that are text for their long numbers are compared as values all the same. */
function withMarkedNumbers(args: string): unknown {
  const marked = markLongNumbers(args);
  if (marked === null) return args;
  try {
    const value: unknown = JSON.parse(marked);
    return asFields(value) && !isDeeperThan(value, MAX_LEVELS) ? value : args;
  } catch {
    return args;
  }
}

/**
 * Parts of text are their text; beside others those that follow each other are one. Texts are trimmed: a line's end is
 * often a logger's. Nothing, in any form, is null.
 */
function comparedContent(content: unknown): unknown {
  if (typeof content === 'string') return content.trim() || null;
  if (!Array.isArray(content)) return content;
  const parts: unknown[] = joinedTexts(content)
    .map((part) => (typeof part === 'string' ? part.trim() : part))
    .filter((part) => part !== '');
  if (parts.length === 0) return null;
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : parts;
}

function joinedTexts(content: readonly unknown[]): unknown[] {
  const parts: unknown[] = [];
  for (const part of content) {
    const text = textOfPart(part);
    const last = parts.at(-1);
    if (text === undefined) parts.push(part);
    else if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  }
  return parts;
}
