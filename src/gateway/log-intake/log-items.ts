import { parseMarked } from '../../records/long-numbers.js';
import type { AppendError } from '../../stores/log-store.js';
import { decodeUtf8 } from '../json-body.js';
import { type ItemText, MAX_ITEM_BYTES, parseItem } from './item-text.js';
import { splitBody, tooMany } from './split-body.js';

/** A record of a body by its place among them, or why there is none; `at`: where it begins in the body, in bytes. */
export type LogItem = { index: number; at: number; bytes: number } & (
  { value: unknown } | Omit<AppendError, 'index'>
);

/** More than real traffic has in 64 MB; each costs memory even if it is empty. */
const MOST_ITEMS = 100_000;

/**
 * Reads one record, an array of them, or one in each line, as the body comes. A mistake in a line costs that line; one in
 * an array ends the body, with an HttpError that says where.
 */
export async function* readLogItems(chunks: AsyncIterable<Buffer>, type: string): AsyncGenerator<LogItem> {
  let index = 0;
  let isAnyJson = false;
  let firstMistake: ItemText | null = null;
  for await (const text of splitBody(chunks, type)) {
    if (index === MOST_ITEMS) throw tooMany(`${MOST_ITEMS} records`);
    const read = readItem(text);
    if ('value' in read || text.bytes === null) isAnyJson = true;
    else firstMistake ??= text;
    yield { index: index++, at: text.at, bytes: text.bytes?.length ?? 0, ...read };
  }
  // A body without a single line of JSON is no list of records but a mistake.
  if (!isAnyJson && firstMistake) throw asHttpError(firstMistake);
}

function readItem(text: ItemText): { value: unknown } | { reason: string } {
  const { line, bytes } = text;
  const place = line === undefined ? '' : `line ${line}: `;
  if (bytes === null) return { reason: `${place}longer than ${MAX_ITEM_BYTES / 1e6} MB` };
  try {
    return { value: parseMarked(decodeUtf8(bytes)) };
  } catch (error) {
    if (line === undefined) throw asHttpError(text);
    const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text';
    return { reason: place + why };
  }
}

/** What is wrong with the text, and where in the body. */
function asHttpError(text: ItemText): unknown {
  try {
    return parseItem(text);
  } catch (error) {
    return error;
  }
}
