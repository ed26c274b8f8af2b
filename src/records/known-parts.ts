/** A part of a record's JSON that was seen before: where it lies, and its value. */
export interface Found {
  start: number;
  end: number;
  value: object;
}

interface Part {
  /** The key and the first bytes of the value: long, so that it is found fast. */
  head: Buffer;
  /** Bytes of the key in `head`. */
  keyBytes: number;
  raw: Buffer;
  value: object;
}

/** Shorter values are parsed as fast as they are found. */
const SHORTEST = 500;
const HEAD_BYTES = 64;
/** Parts to look for in each record. */
const MOST_PARTS = 4;
/** Where every record brings another part there is nothing to be learned. */
const FREE_LESSONS = 50;
const HITS_FOR_A_LESSON = 10;

/** Values of one key that are met again and again. */
export class KnownParts {
  private readonly key: string;
  private readonly before: RegExp;
  /** The last one met comes first. */
  private readonly parts: Part[] = [];
  private lessons = 0;
  private hits = 0;

  /** `before` is what stands before the value, from the key on. */
  constructor(key: string, before: RegExp) {
    this.key = `"${key}"`;
    this.before = before;
  }

  find(bytes: Buffer): Found | null {
    for (const [i, { head, keyBytes, raw, value }] of this.parts.entries()) {
      const at = bytes.indexOf(head);
      const start = at + keyBytes;
      const end = start + raw.length;
      // A list or an object ends where its text does: nothing that begins alike is another.
      if (at === -1 || end > bytes.length || raw.compare(bytes, start, end) !== 0) continue;
      if (i > 0) this.parts.unshift(...this.parts.splice(i, 1));
      this.hits++;
      return { start, end, value };
    }
    return null;
  }

  /** `value` is what was parsed at the key's place; remembered if it is also the first of its key in the bytes. */
  learn(bytes: Buffer, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (this.lessons > FREE_LESSONS + this.hits / HITS_FOR_A_LESSON) return;
    const at = bytes.indexOf(this.key);
    const key = this.before.exec(bytes.toString('latin1', at, at + HEAD_BYTES))?.[0];
    if (at === -1 || key === undefined) return;
    const raw = Buffer.from(bytes.subarray(at + key.length, endOfValue(bytes, at + key.length)));
    if (raw.length < SHORTEST || JSON.stringify(JSON.parse(raw.toString())) !== JSON.stringify(value)) return;
    this.lessons++;
    const head = Buffer.concat([Buffer.from(key), raw.subarray(0, HEAD_BYTES)]);
    this.parts.unshift({ head, keyBytes: key.length, raw, value });
    this.parts.splice(MOST_PARTS);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Where the list or object ends that begins at `start` of a valid JSON text. */
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0;
  let inText = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (inText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte) && --depth === 0) return at + 1;
  }
  return bytes.length;
}
