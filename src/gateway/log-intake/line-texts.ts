import { ItemPieces, type ItemText } from './item-text.js';

const NEWLINE = 0x0a;

/** Takes a body apart into its lines, as it comes. */
export class LineTexts {
  #line: number;
  #pieces: ItemPieces;

  /** `at`: where the first chunk stands in the body; it begins with that line. */
  constructor(at: number, line: number) {
    this.#line = line;
    this.#pieces = new ItemPieces(at);
  }

  *add(chunk: Buffer): Generator<ItemText> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#pieces.add(chunk.subarray(from, end));
      from = end + 1;
      yield* this.#take();
      this.#line += 1;
    }
    this.#pieces.add(chunk.subarray(from));
  }

  *end(): Generator<ItemText> {
    yield* this.#take();
  }

  *#take(): Generator<ItemText> {
    const { at, length } = this.#pieces;
    const text = this.#pieces.text();
    this.#pieces = new ItemPieces(at + length + 1);
    if (!isBlank(text.bytes)) yield { ...text, line: this.#line };
  }
}

const isBlank = (bytes: Buffer | null): boolean =>
  bytes !== null && bytes.length < 1000 && bytes.toString().trim() === '';
