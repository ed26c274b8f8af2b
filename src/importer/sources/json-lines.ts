import { parseMarked } from '../../records/long-numbers.js';
import { type Item, UTF8 } from './item.js';
import { readLines } from './read-lines.js';

/** One JSON value a line. Blank lines are skipped, a line that cannot be read is told with its number. */
export async function* readJsonLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Item> {
  for await (const { line, text, last } of readLines(bytes)) {
    if (typeof text === 'string') yield { at: line, error: text };
    else if (!isBlank(text)) yield parseLine(line, text, last);
  }
}

const isBlank = (text: Buffer): boolean => text.length < 1000 && text.toString().trim() === '';

function parseLine(at: number, text: Buffer, last: boolean): Item {
  try {
    return { at, value: parseMarked(UTF8.decode(text)), bytes: text.length };
  } catch (error) {
    const where = last ? ' (the file ends within this line: it may have been cut)' : '';
    const why = error instanceof SyntaxError ? `not JSON: ${error.message}` : 'not UTF-8 text';
    return { at, error: why + where };
  }
}
