import { parseMarked } from '../../records/long-numbers.js';
import { HttpError } from '../errors.js';
import { decodeUtf8, parseJson, utf8Text } from '../json-body.js';
import { type ItemText, MAX_ITEM_BYTES } from './item-text.js';
import { splitBody, tooMany } from './split-body.js';

/** A record of a body by its place among them, or why there is none. */
export type LogItem = { index: number; bytes: number } & ({ value: unknown } | { reason: string });

/** More than real traffic has in 64 MB; each costs memory even if it is empty. */
const MOST_ITEMS = 100_000;

/**
 * Reads one record, an array of them, or one in each line, as the body comes. A mistake in a line costs that line; one in
 * an array ends the body, with an HttpError that says where.
 */
export async function* readLogItems(chunks: AsyncIterable<Buffer>, type: string): AsyncGenerator<LogItem> {
  let index = 0;
  let isAnyRead = false;
  let firstMistake: HttpError | null = null;
  for await (const text of splitBody(chunks, type)) {
    if (index === MOST_ITEMS) throw tooMany(`${MOST_ITEMS} records`);
    const read = readItem(text);
    if ('mistake' in read) firstMistake ??= read.mistake;
    else isAnyRead = true;
    yield { index: index++, bytes: text.bytes?.length ?? 0, ...read };
  }
  // A body without a single line of JSON is no list of records but a mistake.
  if (!isAnyRead && firstMistake) throw firstMistake;
}

type Read = { value: unknown } | { reason: string } | { reason: string; mistake: HttpError };

function readItem({ at, line, bytes }: ItemText): Read {
  const place = line === undefined ? '' : `line ${line}: `;
  if (bytes === null) return { reason: `${place}longer than ${MAX_ITEM_BYTES / 1e6} MB` };
  try {
    return { value: parseMarked(decodeUtf8(bytes)) };
  } catch (error) {
    const mistake = asHttpError(bytes, at);
    if (line === undefined) throw mistake;
    const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text';
    return { reason: place + why, mistake };
  }
}

/** What is wrong with the text, and where in the body. */
function asHttpError(bytes: Buffer, at: number): HttpError {
  try {
    parseJson(utf8Text(bytes), at);
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
  throw new Error('a text that is no JSON has become some');
}
