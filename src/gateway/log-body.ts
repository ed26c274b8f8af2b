import { HttpError } from './errors.js';
import { parseJson } from './json-body.js';
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

/** Reads one record, an array of them, or a line for each, told apart by content type, else by shape. */
export function readLogItems(body: Buffer, contentType = 'application/json'): LogItems {
  if (body.length === 0) throw missingBody();
  if (LINES.test(contentType)) return readLines(body);
  if (!BY_SHAPE.test(contentType))
    throw new HttpError(
      415,
      `Log records cannot be read from ${contentType}: send application/json or application/x-ndjson.`,
    );
  const whole = parseLine(body);
  return 'error' in whole ? readLines(body) : readWhole(whole.value);
}

const readWhole = (value: unknown): LogItems => ({
  items: (Array.isArray(value) ? value : [value]).map((item: unknown, index) => ({ index, value: item })),
  errors: [],
});

function readLines(body: Buffer): LogItems {
  const read: LogItems = { items: [], errors: [] };
  let line = 0;
  for (const text of linesOf(body)) {
    line += 1;
    if (isBlank(text)) continue;
    const index = read.items.length + read.errors.length;
    const parsed = parseLine(text);
    if ('error' in parsed) read.errors.push({ index, reason: `line ${line}: ${parsed.error}` });
    else read.items.push({ index, value: parsed.value });
  }
  // A body without a single line of JSON is no list of records but a mistake.
  if (read.items.length === 0) parseJson(body.toString());
  return read;
}

function* linesOf(body: Buffer): Generator<Buffer> {
  for (let from = 0; from < body.length;) {
    const end = body.indexOf(0x0a, from);
    yield body.subarray(from, end < 0 ? body.length : end);
    from = end < 0 ? body.length : end + 1;
  }
}

const isBlank = (line: Buffer): boolean => line.length < 1000 && line.toString().trim() === '';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseLine(text: Buffer): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(UTF8.decode(text)) };
  } catch (error) {
    return { error: error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text' };
  }
}
