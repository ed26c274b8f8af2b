import { damage, MAX_BYTES } from './item.js';

/** A line's bytes, or a text that says why it could not be read; `last`: the file ended without ending the line. */
export interface Line {
  line: number;
  text: Buffer | string;
  last: boolean;
}

const NEWLINE = 0x0a;

/** Splits at newlines only: JSON may hold the other line separators of Unicode as they are. */
export async function* readLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let line = 1;
  let pieces = new Pieces();
  try {
    for await (const chunk of bytes) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        pieces.add(chunk.subarray(start, end));
        yield { line, text: pieces.text(), last: false };
        pieces = new Pieces();
        line += 1;
        start = end + 1;
      }
      pieces.add(chunk.subarray(start));
    }
  } catch (error) {
    yield { line, text: damage(error), last: true };
    return;
  }
  if (pieces.bytes > 0) yield { line, text: pieces.text(), last: true };
}

/** The chunks of one line; what is beyond the limit is not kept. */
class Pieces {
  bytes = 0;
  #chunks: Buffer[] = [];

  add(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_BYTES) this.#chunks = [];
    else this.#chunks.push(chunk);
  }

  text(): Buffer | string {
    if (this.bytes > MAX_BYTES) return `longer than ${MAX_BYTES / 1e6} MB`;
    return Buffer.concat(this.#chunks);
  }
}
