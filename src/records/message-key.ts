import { asFields } from './canonical-message.js';
import type { Message } from './canonical-record.js';
import { stableJson, textHash } from './json.js';

export const MESSAGE_HASH_DIGITS = 32;

/** Longer messages stand in keys as their own hash, so that what records share is hashed once and not with each. */
const LONG_MESSAGE = 100;

/** A text that is equal for messages that say the same, however they are written, and unlike for others. */
export function messageKey(message: Message): string {
  const text = keyText(message);
  return text.length > LONG_MESSAGE ? `#${textHash(text, MESSAGE_HASH_DIGITS)}` : text;
}

/**
 * What a message says, each part behind its length, so that no two messages run into one. Ids that providers make up
 * differ from call to call and say nothing.
 */
function keyText({ role, content, toolCalls, name }: Message): string {
  const calls = toolCalls.map(
    (call) => `${behindLength(call.name)}${behindLength(stableJson(comparedArguments(call.arguments)))}`,
  );
  const compared = comparedContent(content);
  const said =
    typeof compared === 'string' ? `t${behindLength(compared)}` : `j${behindLength(stableJson(compared))}`;
  return `m${behindLength(role)}${said}${name === null ? '' : `n${behindLength(name)}`}c${calls.length}:${calls.join('')}`;
}

const behindLength = (text: string): string => `${text.length}:${text}`;

/** No arguments are written as `{}`, as null (which is read as `{}`), or not at all. */
const comparedArguments = (args: unknown): unknown =>
  typeof args === 'string' && args.trim() === '' ? {} : args;

/** Parts of text are their text; beside others those that follow each other are one. Nothing, in any form, is null. */
function comparedContent(content: unknown): unknown {
  if (!Array.isArray(content)) return content === '' ? null : content;
  const parts: unknown[] = [];
  for (const part of content) {
    const text = textOfPart(part);
    const last = parts.at(-1);
    if (text === null) parts.push(part);
    else if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else if (text !== '') parts.push(text);
  }
  if (parts.length === 0) return null;
  return parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : parts;
}

/** What providers add to a part of text, such as marks for a cache, says nothing. */
function textOfPart(part: unknown): string | null {
  if (typeof part === 'string') return part;
  const text = asFields(part)?.['text'];
  return typeof text === 'string' ? text : null;
}
