import { MAX_RECORD_BYTES } from '../../stores/incoming-record.js';
import { parseJson, utf8Text } from '../json-body.js';

/** Longer ones are told, not read: a record that the store takes, and room for space in it. */
export const MAX_ITEM_BYTES = MAX_RECORD_BYTES + 2_000_000;

/** The text of one record within a body. */
export interface ItemText {
  /** Where it begins in the body, in bytes. */
  at: number;
  /** null: it is too long. */
  bytes: Buffer | null;
  /** Its line, from 1, where the body is lines. */
  line?: number;
}

/** Collects the text of a record from the chunks of a body. */
export class ItemPieces {
  readonly at: number;
  length = 0;
  #chunks: Buffer[] = [];

  constructor(at: number) {
    this.at = at;
  }

  add(chunk: Buffer): void {
    this.length += chunk.length;
    if (this.length > MAX_ITEM_BYTES) this.#chunks = [];
    else this.#chunks.push(chunk);
  }

  text(): ItemText {
    return { at: this.at, bytes: this.length > MAX_ITEM_BYTES ? null : Buffer.concat(this.#chunks) };
  }
}

/** As JSON; a 422 with the byte of the body at which it stops being that. */
export function parseItem({ at, bytes }: ItemText): unknown {
  const all = bytes ?? Buffer.alloc(0);
  // Counted from the end, since a byte order mark at the beginning is not in the text.
  return parseJson(utf8Text(all), (text, offset) => at + all.length - Buffer.byteLength(text.slice(offset)));
}
