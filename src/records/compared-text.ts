import { asFields } from './canonical-message.js';
import type { CanonicalRecord, Message } from './canonical-record.js';
import { isSystem } from './roles.js';

/** More than any embedding model reads of a text. */
const MOST_CHARACTERS = 32_768;

/**
 * What records are compared by: the last user message with text, else the last message with text that is not the
 * system's; null when no message has any. Of content in parts only the text counts, not images or sound.
 */
export function comparedText({ messages }: CanonicalRecord): string | null {
  const withText = messages
    .filter((message) => !isSystem(message))
    .filter((message) => textOf(message) !== '');
  const compared = withText.findLast(({ role }) => role === 'user') ?? withText.at(-1);
  if (!compared) return null;
  // Half a character, as a cut or a logger may leave one, is not valid UTF-8.
  return Buffer.from(textOf(compared).slice(0, MOST_CHARACTERS)).toString();
}

/** The text of a message's content, trimmed; of parts, those that are text. */
export function textOf({ content }: Message): string {
  if (typeof content === 'string') return content.trim();
  if (!Array.isArray(content)) return '';
  return content
    .map(textOfPart)
    .filter((text) => text !== undefined)
    .join('\n')
    .trim();
}

/**
 * What a part of a content says; undefined where it is no text. What providers add to a part of text, such as marks for a
 * cache, says nothing.
 */
export function textOfPart(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  const text = asFields(part)?.['text'];
  return typeof text === 'string' ? text : undefined;
}
