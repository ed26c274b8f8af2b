import { HttpError } from './errors.js';
import { decodeUtf8, parseJson, utf8Text } from './json-body.js';
import { missingBody } from './validation.js';
import type { AppendError } from '../stores/log-store.js';

/** The items of a body of log records by their place in it; places without one are in `errors`. */
export interface LogItems {
  items: { index: number; value: unknown }[];
  errors: AppendError[];
}

const LINES = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines)\b/i;
/** What programs send that were not told what they send, such as `curl --data-binary`. */
const BY_SHAPE = /^(?:application\/(?:json|[^;]+\+json|octet-stream|x-www-form-urlencoded)|text\/)/i;

/** More than real traffic has in 64 MB; each costs memory even if it is empty. */
const MOST_ITEMS = 100_000;
const MOST_VALUES = 5_000_000;

/** Reads one record, an array of them, or a line for each, told apart by content type, else by shape. */
export function readLogItems(body: Buffer, contentType: string): LogItems {
  if (body.length === 0) throw missingBody();
  if (openings(body) > MOST_VALUES) throw tooMany(`${MOST_VALUES} objects and lists`);
  if (LINES.test(contentType)) return readLines(body);
  if (!BY_SHAPE.test(contentType))
    throw new HttpError(
      415,
      `Log records cannot be read from ${contentType}: send application/json or application/x-ndjson.`,
    );
  const whole = parseLine(body);
  if (!('error' in whole)) return readWhole(whole.value);
  // An array with a mistake in it is no list of lines, even if it is printed with one record in each.
  if (isArray(body)) parseJson(utf8Text(body));
  return readLines(body);
}

function readWhole(value: unknown): LogItems {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > MOST_ITEMS) throw tooMany(`${MOST_ITEMS} records`);
  return { items: values.map((item, index) => ({ index, value: item })), errors: [] };
}

function readLines(body: Buffer): LogItems {
  const read: LogItems = { items: [], errors: [] };
  let line = 0;
  for (const text of linesOf(body)) {
    line += 1;
    if (isBlank(text)) continue;
    const index = read.items.length + read.errors.length;
    if (index === MOST_ITEMS) throw tooMany(`${MOST_ITEMS} records`);
    const parsed = parseLine(text);
    if ('error' in parsed) read.errors.push({ index, reason: `line ${line}: ${parsed.error}` });
    else read.items.push({ index, value: parsed.value });
  }
  // A body without a single line of JSON is no list of records but a mistake.
  if (read.items.length === 0) parseJson(body.toString());
  return read;
}

const tooMany = (what: string): HttpError =>
  new HttpError(413, `The body holds more than ${what}: send it in several requests.`);

/** How many objects and lists there can be at most: known before any is made. */
function openings(body: Buffer): number {
  let count = 0;
  for (const byte of body) if (byte === 0x5b || byte === 0x7b) count += 1;
  return count;
}

const isArray = (body: Buffer): boolean => body.subarray(0, 1000).toString().trimStart().startsWith('[');

function* linesOf(body: Buffer): Generator<Buffer> {
  for (let from = 0; from < body.length;) {
    const end = body.indexOf(0x0a, from);
    yield body.subarray(from, end < 0 ? body.length : end);
    from = end < 0 ? body.length : end + 1;
  }
}

const isBlank = (line: Buffer): boolean => line.length < 1000 && line.toString().trim() === '';

function parseLine(text: Buffer): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(decodeUtf8(text)) };
  } catch (error) {
    return { error: error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text' };
  }
}
