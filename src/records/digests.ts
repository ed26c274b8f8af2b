import { type Digest, ID_DIGITS, KEY_DIGITS, SHORT_DIGITS } from './digest.js';
import { type Columns, emptyColumns, resize, WIDTHS } from './digest-columns.js';
import { Numbered } from './numbered.js';
import type { UntrainedReason } from './reward.js';

/** A stretch of a spool file. */
export interface Stretch {
  offset: number;
  bytes: number;
}

/** Where a record lies in a spool file: the parts of its training line, which others may share but for the last. */
export interface Place {
  file: number;
  /** Tools and first message. */
  opening: Stretch;
  /** The messages behind it. */
  history: Stretch;
  /** The answer, with the end of the line. */
  own: Stretch;
  /** Of what else there is to know of the record, right behind the line. */
  restBytes: number;
}

/** Digests as they travel between threads: what the numbers of labels in the columns stand for. */
export interface DigestBatch {
  columns: Columns;
  labels: string[];
}

const FEWEST = 64;
const GROWTH = 1.3;

const HAS_TOOLS = 1;
const IS_SESSION = 2;
/** Whether there is a longer beginning, and a second and third one. */
const HAS_LONGER = [4, 32, 64];
const IS_BARE = 128;
/** Why a record may only be evaluated. */
const UNTRAINED: Record<UntrainedReason, number> = { 'low-reward': 8, 'no-reward': 16 };

/**
 * Digests of many records, in columns: 110 bytes a record. A record is known by its number, its place in the order in
 * which it was added.
 */
export class Digests {
  length = 0;
  private readonly columns = emptyColumns();
  private readonly labels = new Numbered<string>((label) => label);
  /** Beginnings before the first was narrowed; null: none was. */
  private undivided: Uint32Array | null = null;

  /** `storeKey` tells records apart that are alike in all else. */
  add(digest: Digest, place: Place, storeKey: number): void {
    this.ensure(this.length + 1);
    const at = this.length++;
    const { columns } = this;
    writeHex(columns.ids, at * WIDTHS.ids, digest.id, ID_DIGITS);
    writeHex(columns.answers, at * WIDTHS.answers, digest.answer, KEY_DIGITS);
    if (digest.isSession) writeHex(columns.sessions, at * WIDTHS.sessions, digest.conversation, KEY_DIGITS);
    writeHex(columns.beginnings, at * WIDTHS.beginnings, digest.beginning, KEY_DIGITS);
    for (const [i, hash] of digest.longer.entries())
      writeHex(columns.longer, at * WIDTHS.longer + i, hash, SHORT_DIGITS);
    writeHex(columns.systems, at, digest.system, SHORT_DIGITS);
    columns.flags[at] =
      (digest.hasTools ? HAS_TOOLS : 0) |
      (digest.isSession ? IS_SESSION : 0) |
      (digest.isBare ? IS_BARE : 0) |
      HAS_LONGER.reduce((flags, flag, i) => (i < digest.longer.length ? flags | flag : flags), 0) |
      (digest.untrained === null ? 0 : UNTRAINED[digest.untrained]);
    columns.timestamps[at] = digest.timestampMs;
    columns.labels[at] = this.labels.numberOf(digest.label);
    columns.storeKeys[at] = storeKey;
    columns.files[at] = place.file;
    columns.openingOffsets[at] = place.opening.offset;
    columns.openingBytes[at] = place.opening.bytes;
    columns.historyOffsets[at] = place.history.offset;
    columns.historyBytes[at] = place.history.bytes;
    columns.ownOffsets[at] = place.own.offset;
    columns.ownBytes[at] = place.own.bytes;
    columns.restBytes[at] = place.restBytes;
  }

  /** What the records have of their own lies so many bytes further on. */
  moveOwn(bytes: number): void {
    const { ownOffsets } = this.columns;
    for (let at = 0; at < this.length; at++) ownOffsets[at] = (ownOffsets[at] ?? 0) + bytes;
  }

  /** Adds what another thread collected. */
  append({ columns, labels }: DigestBatch): void {
    const count = columns.timestamps.length;
    const from = this.length;
    this.ensure(from + count);
    for (const name of Object.keys(WIDTHS) as (keyof Columns)[])
      this.columns[name].set(columns[name], from * WIDTHS[name]);
    const labelNumbers = labels.map((label) => this.labels.numberOf(label));
    for (let i = 0; i < count; i++) this.columns.labels[from + i] = labelNumbers[columns.labels[i] ?? 0] ?? 0;
    this.length += count;
  }

  /** All digests for another thread; nothing can be added any more. */
  batch(): DigestBatch {
    resize(this.columns, this.length);
    return { columns: this.columns, labels: this.labels.items };
  }

  idOf = (at: number): string => readHex(this.columns.ids, at * WIDTHS.ids, WIDTHS.ids);
  timestampOf = (at: number): number => this.columns.timestamps[at] ?? 0;
  labelOf = (at: number): string => this.labelAt(this.labelNumberOf(at));
  labelAt = (label: number): string => this.labels.items[label] ?? '';
  /** Below `labelCount`. */
  labelNumberOf = (at: number): number => this.columns.labels[at] ?? 0;
  get labelCount(): number {
    return this.labels.items.length;
  }
  hasTools = (at: number): boolean => this.hasFlag(at, HAS_TOOLS);
  isSession = (at: number): boolean => this.hasFlag(at, IS_SESSION);
  /** Whether the request is nothing but system messages. */
  isBare = (at: number): boolean => this.hasFlag(at, IS_BARE);
  /** Whether there are more longer beginnings than `level`. */
  hasLonger = (at: number, level = 0): boolean => this.hasFlag(at, HAS_LONGER[level] ?? 0);
  untrainedOf = (at: number): UntrainedReason | null => {
    if (this.hasFlag(at, UNTRAINED['low-reward'])) return 'low-reward';
    return this.hasFlag(at, UNTRAINED['no-reward']) ? 'no-reward' : null;
  };
  lineBytesOf = (at: number): number => {
    const { openingBytes, historyBytes, ownBytes } = this.columns;
    return (openingBytes[at] ?? 0) + (historyBytes[at] ?? 0) + (ownBytes[at] ?? 0);
  };
  /** Unlike for different conversations: by session, else by beginning. */
  conversationOf = (at: number): string =>
    this.isSession(at)
      ? readHex(this.columns.sessions, at * WIDTHS.sessions, WIDTHS.sessions)
      : this.beginningOf(at);
  beginningOf = (at: number): string =>
    readHex(this.columns.beginnings, at * WIDTHS.beginnings, WIDTHS.beginnings);
  /**
   * Keys of what is asked on the way to the answer, the request itself last, whatever was narrowed. They tell no system
   * prompts apart, but for the first, which is of a request of nothing else.
   */
  asksOf = (at: number): string[] => {
    const beginning = readHex(
      this.undivided ?? this.columns.beginnings,
      at * WIDTHS.beginnings,
      WIDTHS.beginnings,
    );
    const asks = [`${beginning} ${this.systemOf(at)}`];
    if (this.isBare(at)) return asks;
    let asked = beginning;
    asks.push(asked);
    for (let level = 0; this.hasLonger(at, level); level++) {
      asked += `-${this.columns.longer[at * WIDTHS.longer + level] ?? 0}`;
      asks.push(asked);
    }
    return asks;
  };
  systemOf = (at: number): number => this.columns.systems[at] ?? 0;

  placeOf(at: number): Place {
    const {
      files,
      restBytes,
      openingOffsets,
      openingBytes,
      historyOffsets,
      historyBytes,
      ownOffsets,
      ownBytes,
    } = this.columns;
    return {
      file: files[at] ?? 0,
      opening: { offset: openingOffsets[at] ?? 0, bytes: openingBytes[at] ?? 0 },
      history: { offset: historyOffsets[at] ?? 0, bytes: historyBytes[at] ?? 0 },
      own: { offset: ownOffsets[at] ?? 0, bytes: ownBytes[at] ?? 0 },
      restBytes: restBytes[at] ?? 0,
    };
  }

  /** 32 bits of the id, for tables. */
  hashOf = (at: number): number => this.columns.ids[at * WIDTHS.ids] ?? 0;

  compareIds = (a: number, b: number): number => compare(this.columns.ids, WIDTHS.ids, a, b);
  compareAnswers = (a: number, b: number): number => compare(this.columns.answers, WIDTHS.answers, a, b);
  /** By session, else by beginning. */
  compareConversations = (a: number, b: number): number => {
    const isSession = this.isSession(a);
    if (isSession !== this.isSession(b)) return isSession ? -1 : 1;
    return isSession ? compare(this.columns.sessions, WIDTHS.sessions, a, b) : this.compareBeginnings(a, b);
  };
  compareBeginnings = (a: number, b: number): number =>
    compare(this.columns.beginnings, WIDTHS.beginnings, a, b);
  compareSystems = (a: number, b: number): number => this.systemOf(a) - this.systemOf(b);
  compareStoreKeys = (a: number, b: number): number =>
    (this.columns.storeKeys[a] ?? 0) - (this.columns.storeKeys[b] ?? 0);

  /** From now on the records' beginning is one that another system prompt makes another. */
  narrowBySystem = (at: number): void => this.narrow(at, this.systemOf(at));

  /** From now on the record's beginning is its longer one of that level, which it has. */
  narrowByLonger = (at: number, level: number): void =>
    this.narrow(at, this.columns.longer[at * WIDTHS.longer + level] ?? 0);

  /** To be given back, where it turns out that narrowing them tells nothing apart. */
  beginningsOf(records: Uint32Array): Uint32Array {
    const width = WIDTHS.beginnings;
    const kept = new Uint32Array(records.length * width);
    for (const [i, at] of records.entries())
      kept.set(this.columns.beginnings.subarray(at * width, (at + 1) * width), i * width);
    return kept;
  }

  restoreBeginnings(records: Uint32Array, kept: Uint32Array): void {
    const width = WIDTHS.beginnings;
    for (const [i, at] of records.entries())
      this.columns.beginnings.set(kept.subarray(i * width, (i + 1) * width), at * width);
  }

  private narrow(at: number, key: number): void {
    const { beginnings } = this.columns;
    this.undivided ??= beginnings.slice();
    const from = at * WIDTHS.beginnings;
    for (let i = from; i < from + WIDTHS.beginnings; i++)
      beginnings[i] = ((beginnings[i] ?? 0) + Math.imul(key, 0x9e3779b1)) >>> 0;
  }

  private hasFlag(at: number, flag: number): boolean {
    return ((this.columns.flags[at] ?? 0) & flag) !== 0;
  }

  private ensure(length: number): void {
    const capacity = this.columns.timestamps.length;
    if (length > capacity) resize(this.columns, Math.max(length, Math.ceil(capacity * GROWTH), FEWEST));
  }
}

function writeHex(column: Uint32Array, at: number, hex: string, digits: number): void {
  for (let i = 0; i < digits / 8; i++) column[at + i] = parseInt(hex.slice(i * 8, i * 8 + 8), 16);
}

const readHex = (column: Uint32Array, at: number, width: number): string =>
  Array.from(column.subarray(at, at + width), (word) => word.toString(16).padStart(8, '0')).join('');

/** As their hex digits compare. */
function compare(column: Uint32Array, width: number, a: number, b: number): number {
  for (let i = 0; i < width; i++) {
    const difference = (column[a * width + i] ?? 0) - (column[b * width + i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
