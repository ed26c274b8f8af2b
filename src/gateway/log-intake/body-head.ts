import { decodeUtf8 } from '../json-body.js';
import { ArrayTexts } from './array-texts.js';
import { type ItemText, MAX_ITEM_BYTES } from './item-text.js';
import { LineTexts } from './line-texts.js';

const NEWLINE = 0x0a;
const OPEN_LIST = 0x5b;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** How a body is taken apart, and what of it has come so far. */
export interface Begun {
  texts: ArrayTexts | LineTexts;
  bytes: Buffer;
}

/** The beginning of a body, kept until it is known whether it is an array, lines, or one record over several lines. */
export class BodyHead {
  readonly #isLines: boolean;
  /** Where that what is kept begins in the body. */
  #at = 0;
  #line = 1;
  #kept: Buffer[] = [];
  #length = 0;
  #isOneRecord = false;

  constructor(isLines: boolean) {
    this.#isLines = isLines;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** null: it is not known yet. */
  add(chunk: Buffer): Begun | null {
    const bytes = this.isEmpty ? this.#withoutSpace(chunk) : chunk;
    if (bytes.length === 0) return null;
    this.#kept.push(bytes);
    this.#length += bytes.length;
    if (this.#kept[0]?.[0] === OPEN_LIST && !this.#isLines) return { texts: new ArrayTexts(this.#at), bytes };
    if (this.#isLines || this.#length > MAX_ITEM_BYTES) return this.#asLines();
    if (this.#isOneRecord || !bytes.includes(NEWLINE)) return null;
    const all = Buffer.concat(this.#kept);
    if (isJson(all.subarray(0, all.indexOf(NEWLINE)))) return this.#asLines();
    this.#isOneRecord = true;
    return null;
  }

  /** The records of a body that ended before it was known what it is. */
  *end(): Generator<ItemText> {
    const { texts, bytes } = this.#asLines();
    if (isJson(bytes)) return yield { at: this.#at, bytes, line: this.#line };
    yield* texts.add(bytes);
    yield* texts.end();
  }

  #asLines(): Begun & { texts: LineTexts } {
    return { texts: new LineTexts(this.#at, this.#line), bytes: Buffer.concat(this.#kept) };
  }

  #withoutSpace(chunk: Buffer): Buffer {
    const isMarked = this.#at === 0 && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    let from = isMarked ? BYTE_ORDER_MARK.length : 0;
    for (; from < chunk.length && isSpace(chunk[from]); from++) if (chunk[from] === NEWLINE) this.#line++;
    this.#at += from;
    return chunk.subarray(from);
  }
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(decodeUtf8(bytes));
    return true;
  } catch {
    return false;
  }
}
