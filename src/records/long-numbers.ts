/**
 * Whole numbers of more digits than a double keeps, such as ids of 64 bits. `JSON.parse` alters them, so that records
 * which differ in nothing else become the same; Node.js 20 has no other way to read them than as marked texts. Fractions
 * are doubles for whoever reads them, and are left alone.
 */
const MANY_DIGITS = /\d{16}/;
const NUMBER = /-?\d[\d.eE+-]*/g;
const WHOLE = /^-?\d{16,}$/;
const BEGIN = '\0number ';
const MARK = '\\u0000number ';
const MARKED = /"\\u0000number (-?\d+)"/g;

const isAltered = (number: string): boolean => WHOLE.test(number) && String(Number(number)) !== number;

/**
 * A JSON text whose long numbers are texts that say the same; null where there are none, which costs hardly anything.
 * What is no JSON stays none.
 */
export function markLongNumbers(json: string): string | null {
  if (!MANY_DIGITS.test(json)) return null;
  const marked = changeOutsideTexts(json, (part) =>
    part.replace(NUMBER, (number) => (isAltered(number) ? `"${MARK}${number}"` : number)),
  );
  return marked === json ? null : marked;
}

/** What `parseMarked` makes of a number that is written so. */
export const markedNumber = (number: string): number | string =>
  isAltered(number) ? `${BEGIN}${number}` : Number(number);

/** The value of a JSON text, in which long numbers are marked texts. Throws a SyntaxError for what is no JSON. */
export function parseMarked(json: string): unknown {
  // What is wrong is told of the text as it is.
  const value: unknown = JSON.parse(json);
  const marked = markLongNumbers(json);
  return marked === null ? value : JSON.parse(marked);
}

const MARKED_TEXT = /^\0number -?\d+$/;

/** Whether a text of a marked value stands for a number. */
export const isMarkedNumber = (text: string): boolean => MARKED_TEXT.test(text);

/** A number's text instead of its mark; any other text as it is. */
export const withoutMark = (text: string): string => (isMarkedNumber(text) ? text.slice(BEGIN.length) : text);

/** The JSON text of a value that was read from a marked one, with its numbers as they were. */
export const withLongNumbers = (value: unknown): string => JSON.stringify(value).replace(MARKED, '$1');

function changeOutsideTexts(json: string, change: (part: string) => string): string {
  let changed = '';
  let at = 0;
  for (;;) {
    const open = json.indexOf('"', at);
    if (open === -1) return changed + change(json.slice(at));
    const end = endOfText(json, open);
    changed += change(json.slice(at, open)) + json.slice(open, end);
    at = end;
  }
}

/** The place behind the closing quote. */
function endOfText(json: string, open: number): number {
  for (let quote = json.indexOf('"', open + 1); quote !== -1; quote = json.indexOf('"', quote + 1)) {
    let escapes = 0;
    while (json[quote - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return quote + 1;
  }
  return json.length;
}
