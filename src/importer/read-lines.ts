/** A line's bytes, or a text that says why it could not be read; `last`: the file ended without ending the line. */
export interface Line {
  line: number;
  text: Buffer | string;
  last: boolean;
}

const NEWLINE = 0x0a;
const MAX_LINE_BYTES = 64_000_000;

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
    // What was read so far is good and already on its way; only the rest is lost.
    const why = error instanceof Error ? error.message : String(error);
    yield { line, text: `the file is cut or damaged here (${why}); the rest was not read`, last: true };
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
    if (this.bytes > MAX_LINE_BYTES) this.#chunks = [];
    else this.#chunks.push(chunk);
  }

  text(): Buffer | string {
    if (this.bytes > MAX_LINE_BYTES) return `longer than ${MAX_LINE_BYTES / 1e6} MB`;
    return Buffer.concat(this.#chunks);
  }
}
