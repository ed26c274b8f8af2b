import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Stretch } from '../records/digests.js';
import { type CopyTask, PARTS } from './thread-messages.js';

/** Writing larger pieces took the system three times as long (see docs/benchmarks.md). */
const CHUNK_BYTES = 256 * 1024;
/** Rows between two words on how many have been copied. */
const REPORT_ROWS = 1_000;

/** Copies rows out of the spool, byte for byte; says now and then how many. */
export function copyRows(task: CopyTask, report: (copied: number, done: boolean) => void): void {
  const sources = task.sources.map((path) => new Source(path));
  const target = openSync(task.target, 'r+');
  try {
    const chunk = new Chunk(target, task.position);
    let rows = 0;
    for (const [row, file] of task.files.entries()) {
      const parts = partsOf(task, row);
      const bytes = parts.opening.bytes + parts.history.bytes + parts.own.bytes;
      if (!chunk.hasRoomFor(bytes)) chunk.flush();
      sources[file]?.readRow(parts, chunk.take(bytes));
      if (++rows < REPORT_ROWS) continue;
      report(rows, false);
      rows = 0;
    }
    chunk.flush();
    report(rows, true);
  } finally {
    for (const source of sources) source.close();
    closeSync(target);
  }
}

interface Parts {
  opening: Stretch;
  history: Stretch;
  own: Stretch;
}

function partsOf({ offsets, lengths }: CopyTask, row: number): Parts {
  const part = (i: number) => ({
    offset: offsets[row * PARTS + i] ?? 0,
    bytes: lengths[row * PARTS + i] ?? 0,
  });
  return { opening: part(0), history: part(1), own: part(2) };
}

/** Collects what is to be written at one place after the other. */
class Chunk {
  private readonly file: number;
  private position: number;
  private bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  private filled = 0;

  constructor(file: number, position: number) {
    this.file = file;
    this.position = position;
  }

  hasRoomFor(bytes: number): boolean {
    return this.filled + bytes <= this.bytes.length;
  }

  /** Room for the next bytes, to be filled at once; a row that is larger than a chunk makes it grow. */
  take(length: number): Buffer {
    if (!this.hasRoomFor(length)) {
      const grown = Buffer.allocUnsafeSlow(this.filled + length);
      this.bytes.copy(grown, 0, 0, this.filled);
      this.bytes = grown;
    }
    this.filled += length;
    return this.bytes.subarray(this.filled - length, this.filled);
  }

  flush(): void {
    for (let at = 0; at < this.filled;) {
      const written = writeSync(this.file, this.bytes, at, this.filled - at, this.position);
      at += written;
      this.position += written;
    }
    this.filled = 0;
  }
}

/** A spool file, opened when something of it is read. */
class Source {
  private readonly path: string;
  private file: number | null = null;
  /** Opening and history of the last row: those of a conversation come one after the other, the longest first. */
  private last: Pick<Parts, 'opening' | 'history'> | null = null;
  private lastBytes = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  readRow({ opening, history, own }: Parts, into: Buffer): void {
    const { last } = this;
    const isKnown =
      last?.opening.offset === opening.offset &&
      last.history.offset === history.offset &&
      last.history.bytes >= history.bytes;
    if (!isKnown) {
      const bytes = opening.bytes + history.bytes;
      if (this.lastBytes.length < bytes) this.lastBytes = Buffer.allocUnsafeSlow(bytes);
      this.read(opening.offset, this.lastBytes, 0, opening.bytes);
      this.read(history.offset, this.lastBytes, opening.bytes, history.bytes);
      this.last = { opening, history };
    }
    const begin = this.lastBytes.copy(into, 0, 0, opening.bytes + history.bytes);
    this.read(own.offset, into, begin, own.bytes);
  }

  private read(offset: number, into: Buffer, start: number, length: number): void {
    this.file ??= openSync(this.path, 'r');
    for (let done = 0; done < length;) {
      const read = readSync(this.file, into, start + done, length - done, offset + done);
      if (read === 0) throw new Error('the spool ends before its last row: somebody changed it');
      done += read;
    }
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
  }
}
