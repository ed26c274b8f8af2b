import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { type CopyTask, PARTS } from './thread-messages.js';

/** Writing larger pieces took the system three times as long (see docs/benchmarks.md). */
const CHUNK_BYTES = 256 * 1024;
/** Openings of a spool file that are kept in memory. */
const MOST_OPENINGS = 64;

/** Copies rows out of the spool, byte for byte; says now and then how many. */
export function copyRows(task: CopyTask, report: (copied: number, done: boolean) => void): void {
  const { files, offsets, lengths } = task;
  const sources = task.sources.map((path) => new Source(path));
  const target = openSync(task.target, 'r+');
  try {
    const chunk = new Chunk(target, task.position);
    let rows = 0;
    for (const [row, file] of files.entries()) {
      const bytes = lengths.subarray(row * PARTS, (row + 1) * PARTS).reduce((sum, length) => sum + length, 0);
      if (!chunk.hasRoomFor(bytes)) {
        chunk.flush();
        report(rows, false);
        rows = 0;
      }
      for (let part = row * PARTS; part < (row + 1) * PARTS; part++) {
        const [offset = 0, length = 0] = [offsets[part], lengths[part]];
        const into = chunk.take(length);
        if (part === row * PARTS) sources[file]?.opening(offset, length).copy(into);
        else sources[file]?.read(offset, into);
      }
      rows++;
    }
    chunk.flush();
    report(rows, true);
  } finally {
    for (const source of sources) source.close();
    closeSync(target);
  }
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
  private readonly openings = new Map<number, Buffer>();

  constructor(path: string) {
    this.path = path;
  }

  /** Many rows begin with the same one. */
  opening(offset: number, length: number): Buffer {
    const known = this.openings.get(offset) ?? this.read(offset, Buffer.allocUnsafe(length));
    if (this.openings.size === MOST_OPENINGS) this.openings.clear();
    this.openings.set(offset, known);
    return known;
  }

  read(offset: number, into: Buffer): Buffer {
    this.file ??= openSync(this.path, 'r');
    for (let at = 0; at < into.length;) {
      const read = readSync(this.file, into, at, into.length - at, offset + at);
      if (read === 0) throw new Error('the spool ends before its last row: somebody changed it');
      at += read;
    }
    return into;
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
  }
}
