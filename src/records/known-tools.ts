import { endOfValue } from './end-of-value.js';
import { isDeeperThan, MAX_LEVELS } from './json.js';

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

const KEY = '"tools"';
const BEFORE = /^"tools"\s*:\s*(?=\[)/;
/** Shorter lists are parsed as fast as they are found. */
const SHORTEST = 500;
const HEAD_BYTES = 64;
/** Lists to look for in each record. */
const MOST_PARTS = 4;
/** Where every record brings another list there is nothing to be learned. */
const FREE_LESSONS = 50;
const HITS_FOR_A_LESSON = 10;

/** Lists of tools that are met again and again. */
export class KnownTools {
  /** The last one met comes first. */
  private readonly parts: Part[] = [];
  private lessons = 0;
  private hits = 0;

  /** Looks behind `from` first, where they are expected. */
  find(bytes: Buffer, from: number): Found | null {
    return this.findFrom(bytes, from) ?? (from === 0 ? null : this.findFrom(bytes, 0));
  }

  private findFrom(bytes: Buffer, from: number): Found | null {
    for (const [i, { head, keyBytes, raw, value }] of this.parts.entries()) {
      const at = bytes.indexOf(head, from);
      const start = at + keyBytes;
      const end = start + raw.length;
      // A list ends where its text does: nothing that begins alike is another.
      if (at === -1 || end > bytes.length || raw.compare(bytes, start, end) !== 0) continue;
      if (i > 0) this.parts.unshift(...this.parts.splice(i, 1));
      this.hits++;
      return { start, end, value };
    }
    return null;
  }

  /** `value` is what the request has; remembered if it is also the first of its key in the bytes. */
  learn(bytes: Buffer, value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (this.lessons > FREE_LESSONS + this.hits / HITS_FOR_A_LESSON) return;
    const at = bytes.indexOf(KEY);
    const key = BEFORE.exec(bytes.toString('latin1', at, at + HEAD_BYTES))?.[0];
    if (at === -1 || key === undefined) return;
    const raw = Buffer.from(bytes.subarray(at + key.length, endOfValue(bytes, at + key.length)));
    if (raw.length < SHORTEST) return;
    const first: unknown = JSON.parse(raw.toString());
    // What is deeper than can be written as text is no part of a usable record.
    if ([first, value].some((part) => isDeeperThan(part, MAX_LEVELS))) return;
    if (JSON.stringify(first) !== JSON.stringify(value)) return;
    this.lessons++;
    const head = Buffer.concat([Buffer.from(key), raw.subarray(0, HEAD_BYTES)]);
    this.parts.unshift({ head, keyBytes: key.length, raw, value });
    this.parts.splice(MOST_PARTS);
  }
}
