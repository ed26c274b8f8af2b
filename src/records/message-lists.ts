import { endOfValue } from './end-of-value.js';
import { LastList } from './last-list.js';
import { parseRecord } from './parse-record.js';

/** The messages of a request: where their list lies in the bytes, and its items. */
export interface MessageList {
  start: number;
  end: number;
  items: unknown[];
}

/** A message that was read before, and those that followed it. */
interface Node {
  /** Where its text lies in what is remembered. */
  start: number;
  end: number;
  value: unknown;
  /** By a hash of their first bytes; of those that begin alike the last few. */
  next: Map<number, Node[]> | null;
}

const KEY = '"messages"';
const BEFORE = /^"messages"\s*:\s*\[\s*/;
const BEFORE_BYTES = 64;
const FINGERPRINT_BYTES = 40;
/** Multiplies in FNV hashes. */
const PRIME = 0x01000193;
const MOST_ALIKE = 8;
/** What is remembered, of raw text; when it is full, all is forgotten. */
const MEMORY_BYTES = 2_000_000;
/** Longer messages are not remembered. */
const LONGEST = 200_000;

const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const COMMA = 0x2c;

/**
 * Reads lists of messages. The requests of one conversation repeat each other, message after message: what was read
 * before, in the same place after the same messages, is not parsed again but is the same object.
 */
export class MessageLists {
  private readonly memory = Buffer.allocUnsafeSlow(MEMORY_BYTES);
  private remembered = 0;
  private root = newNode();
  private readonly last = new LastList<Node>();

  /** null where nothing can be told: then the record is to be parsed as a whole. */
  read(bytes: Buffer): MessageList | null {
    const key = bytes.indexOf(KEY);
    const before = BEFORE.exec(bytes.toString('latin1', key, key + BEFORE_BYTES))?.[0];
    if (key === -1 || before === undefined) return null;
    const start = key + before.length;
    const { root } = this;
    const { items: nodes, ends } = this.last.sharedWith(bytes, start);
    for (;;) {
      const at = skipSpace(bytes, start + (ends.at(-1) ?? 0));
      if (nodes.length > 0 && bytes[at] === CLOSE_LIST) {
        if (this.root === root) this.last.keep(bytes, start, nodes, ends);
        return { start, end: at, items: nodes.map(({ value }) => value) };
      }
      const next = nodes.length === 0 ? at : bytes[at] === COMMA ? skipSpace(bytes, at + 1) : bytes.length;
      if (bytes[next] !== OPEN_OBJECT) return null;
      const node = this.follow(nodes.at(-1) ?? root, bytes, next);
      nodes.push(node);
      ends.push(next + node.end - node.start - start);
    }
  }

  private follow(node: Node, bytes: Buffer, at: number): Node {
    const fingerprint = fingerprintOf(bytes, at);
    const alike = node.next?.get(fingerprint) ?? [];
    const known = alike.find((next) => this.isAt(bytes, at, next));
    if (known) return known;
    const end = endOfValue(bytes, at);
    const value = parseRecord(bytes.toString('utf8', at, end));
    if (end - at > LONGEST) return { start: at, end, value, next: null };
    const next = { ...this.remember(bytes, at, end), value, next: null };
    node.next ??= new Map();
    node.next.set(fingerprint, [next, ...alike.slice(0, MOST_ALIKE - 1)]);
    return next;
  }

  /** An object ends where its text does: nothing that begins alike is another. */
  private isAt(bytes: Buffer, at: number, { start, end }: Node): boolean {
    const to = at + end - start;
    return to <= bytes.length && this.memory.compare(bytes, at, to, start, end) === 0;
  }

  private remember(bytes: Buffer, from: number, to: number): Pick<Node, 'start' | 'end'> {
    if (this.remembered + to - from > this.memory.length) {
      // What is being followed is forgotten too: what comes after it will be found by nobody.
      this.root = newNode();
      this.last.forget();
      this.remembered = 0;
    }
    const start = this.remembered;
    bytes.copy(this.memory, start, from, to);
    this.remembered = start + to - from;
    return { start, end: this.remembered };
  }
}

/** Hashes words, not bytes; a number needs no memory of its own. */
function fingerprintOf(bytes: Buffer, at: number): number {
  const end = Math.min(at + FINGERPRINT_BYTES, bytes.length - 3);
  let hash = 0;
  for (let i = at; i < end; i += 4) hash = Math.imul(hash ^ bytes.readInt32LE(i), PRIME);
  return hash;
}

const newNode = (): Node => ({ start: 0, end: 0, value: null, next: null });

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at++;
  return at;
}
