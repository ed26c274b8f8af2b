import { unreadable } from '../json-body.js';
import { ItemPieces, type ItemText, parseItem } from './item-text.js';

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Takes a JSON array apart into the texts of its items, as it comes; what is in them is not looked at. */
export class ArrayTexts {
  #position: number;
  /** 0 before the array and behind it. */
  #depth = 0;
  #state: 'plain' | 'text' | 'escape' = 'plain';
  #isOver = false;
  #isFirst = true;
  #pieces: ItemPieces;

  /** `at`: where the first chunk, which begins with the bracket, stands in the body. */
  constructor(at: number) {
    this.#position = at;
    this.#pieces = new ItemPieces(at);
  }

  *add(chunk: Buffer): Generator<ItemText> {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#isOver) this.#expectSpace(byte, i);
      else if (this.#state !== 'plain') this.#passText(byte);
      else if (byte === QUOTE) this.#state = 'text';
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        if (this.#depth++ === 0) from = this.#begin(i);
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (--this.#depth === 0) yield* this.#last(chunk.subarray(from, i), byte, i);
      } else if (byte === COMMA && this.#depth === 1) {
        yield this.#item(chunk.subarray(from, i));
        from = this.#begin(i);
      }
    }
    if (!this.#isOver) this.#pieces.add(chunk.subarray(from));
    this.#position += chunk.length;
  }

  /** Throws where the array has not been closed; nothing is left. */
  end(): [] {
    if (this.#isOver) return [];
    const rest = this.#pieces.text();
    if (rest.bytes !== null && !isBlank(rest.bytes)) parseItem(rest);
    throw unreadable([this.#position], "Expecting ',' delimiter: the array is not closed");
  }

  /** An item begins behind the byte at `i` of the chunk, which is where that is. */
  #begin(i: number): number {
    this.#pieces = new ItemPieces(this.#position + i + 1);
    return i + 1;
  }

  #item(rest: Buffer): ItemText {
    this.#pieces.add(rest);
    const text = this.#pieces.text();
    this.#isFirst = false;
    if (text.bytes !== null && isBlank(text.bytes))
      throw unreadable([text.at + text.bytes.length], 'Expecting value');
    return text;
  }

  *#last(rest: Buffer, ending: number, i: number): Generator<ItemText> {
    this.#isOver = true;
    if (ending !== CLOSE_LIST) throw unreadable([this.#position + i], "Expecting ',' delimiter");
    const isEmpty = this.#isFirst && this.#pieces.length + rest.length < 1000;
    if (isEmpty && isBlank(Buffer.concat([this.#pieces.text().bytes ?? rest, rest]))) return;
    yield this.#item(rest);
  }

  #passText(byte: number): void {
    if (this.#state === 'escape') this.#state = 'text';
    else if (byte === BACKSLASH) this.#state = 'escape';
    else if (byte === QUOTE) this.#state = 'plain';
  }

  #expectSpace(byte: number, i: number): void {
    if (SPACES.has(byte)) return;
    throw unreadable([this.#position + i], 'Extra data');
  }
}

const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => SPACES.has(byte));
