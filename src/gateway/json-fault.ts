/** Where a text stops being JSON, as an offset of JavaScript, and why. */
export class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const SPACE = /[ \t\n\r]*/y;
const WORD_OR_NUMBER = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Python counts on a character behind the four digits. */
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4}(?!$))/y;

/**
 * What is wrong with a text that `JSON.parse` has refused, in the place and the words of Python's reader, which the
 * blueprint's callers know: V8 has others, and does not always say where.
 */
export function jsonFault(text: string): JsonFault {
  try {
    return new JsonFault('Extra data', endOfValue(text));
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

/** Behind the value with which the text begins, and the space behind that; not by recursion, as it may be nested as deeply as it likes. */
function endOfValue(text: string): number {
  const closers: ('}' | ']')[] = [];
  let at = pastSpace(text, 0);
  for (;;) {
    const opened = CLOSERS[text[at] ?? ''];
    if (opened) {
      closers.push(opened);
      at = pastSpace(text, at + 1);
      if (text[at] !== opened) {
        if (opened === '}') at = pastKey(text, at);
        continue;
      }
    } else at = pastSpace(text, text[at] === '"' ? pastString(text, at) : pastWord(text, at));
    for (; text[at] === closers.at(-1) && closers.length > 0; closers.pop()) at = pastSpace(text, at + 1);
    const closer = closers.at(-1);
    if (closer === undefined) return at;
    if (text[at] !== ',') throw new JsonFault("Expecting ',' delimiter", at);
    at = pastSpace(text, at + 1);
    if (closer === '}') at = pastKey(text, at);
  }
}

const CLOSERS: Record<string, '}' | ']'> = { '{': '}', '[': ']' };

/** Behind a key, its colon and the space behind that. */
function pastKey(text: string, from: number): number {
  if (text[from] !== '"') throw new JsonFault('Expecting property name enclosed in double quotes', from);
  const at = pastSpace(text, pastString(text, from));
  if (text[at] !== ':') throw new JsonFault("Expecting ':' delimiter", at);
  return pastSpace(text, at + 1);
}

function pastString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') return at + 1;
    if (char < ' ') throw new JsonFault('Invalid control character at', at);
    if (char === '\\' && at + 1 < text.length) at = pastEscape(text, at) - 1;
  }
  throw new JsonFault('Unterminated string starting at', from);
}

function pastEscape(text: string, from: number): number {
  const at = past(ESCAPE, text, from);
  if (at !== null) return at;
  if (text[from + 1] === 'u') throw new JsonFault('Invalid \\uXXXX escape', from + 1);
  throw new JsonFault('Invalid \\escape', from);
}

function pastWord(text: string, from: number): number {
  const at = past(WORD_OR_NUMBER, text, from);
  if (at === null) throw new JsonFault('Expecting value', from);
  return at;
}

const pastSpace = (text: string, from: number): number => past(SPACE, text, from) ?? from;

/** null: what should be there is not. */
function past(pattern: RegExp, text: string, from: number): number | null {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : null;
}
