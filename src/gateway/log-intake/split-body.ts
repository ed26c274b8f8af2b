import { HttpError } from '../errors.js';
import { missingBody } from '../validation.js';
import { type Begun, BodyHead } from './body-head.js';
import type { ItemText } from './item-text.js';

const LINES = /^application\/(?:x-ndjson|ndjson|jsonl|x-jsonlines|jsonlines)\b/i;
/** What programs send that were not told what they send, such as `curl --data-binary`. */
const BY_SHAPE = /^(?:application\/(?:json|[^;]+\+json|octet-stream|x-www-form-urlencoded)|text\/)/i;

/** Each costs memory even if it is empty. */
const MOST_VALUES = 5_000_000;

/** Takes a body apart into the texts of its records, told apart by content type, else by shape. */
export async function* splitBody(chunks: AsyncIterable<Buffer>, type: string): AsyncGenerator<ItemText> {
  const isLines = LINES.test(type);
  if (!isLines && !BY_SHAPE.test(type))
    throw new HttpError(
      415,
      `Log records cannot be read from ${type}: send application/json or application/x-ndjson.`,
    );
  const head = new BodyHead(isLines);
  let texts: Begun['texts'] | null = null;
  let values = 0;
  for await (const chunk of chunks) {
    values += openings(chunk);
    if (values > MOST_VALUES) throw tooMany(`${MOST_VALUES} objects and lists`);
    if (texts !== null) {
      yield* texts.add(chunk);
      continue;
    }
    const begun = head.add(chunk);
    if (begun === null) continue;
    texts = begun.texts;
    yield* texts.add(begun.bytes);
  }
  if (head.isEmpty) throw missingBody();
  yield* (texts ?? head).end();
}

export const tooMany = (what: string): HttpError =>
  new HttpError(413, `The body holds more than ${what}: send it in several requests.`);

/** How many objects and lists there can be at most: known before any is made. */
function openings(chunk: Buffer): number {
  let count = 0;
  for (const byte of chunk) if (byte === 0x5b || byte === 0x7b) count += 1;
  return count;
}
