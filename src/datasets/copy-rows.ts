import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Stretch } from '../records/digests.js';
import type { CopyTask } from './thread-messages.js';

/** Writing larger pieces took the system three times as long (see docs/benchmarks.md). */
const CHUNK_BYTES = 256 * 1024;
/** Openings that are kept in memory. */
const MOST_OPENINGS = 64;

/** Copies rows out of the spool, byte for byte; says now and then how many. */
export function copyRows(task: CopyTask, report: (copied: number, done: boolean) => void): void {
  const sources = new Sources(task.sources);
  const target = openSync(task.target, 'r+');
  try {
    const chunk = new Chunk(target, task.position);
    const openings = new Map<number, Buffer>();
    let rows = 0;
    for (const [i, length] of task.lengths.entries()) {
      const opening = openingOf(task.openings[i] ?? 0);
      if (!chunk.hasRoomFor(opening.length + length)) {
        chunk.flush();
        report(rows, false);
        rows = 0;
      }
      opening.copy(chunk.take(opening.length));
      const stretch = { file: task.files[i] ?? 0, offset: task.offsets[i] ?? 0, bytes: length };
      sources.read(stretch, chunk.take(length));
      rows++;
    }
    chunk.flush();
    report(rows, true);

    function openingOf(number: number): Buffer {
      const stretch = task.stretches[number];
      if (!stretch) return NOTHING;
      const known = openings.get(number) ?? sources.read(stretch, Buffer.allocUnsafe(stretch.bytes));
      if (openings.size === MOST_OPENINGS) openings.clear();
      openings.set(number, known);
      return known;
    }
  } finally {
    sources.close();
    closeSync(target);
  }
}

const NOTHING = Buffer.alloc(0);

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

/** Spool files; each is opened when something of it is read. */
class Sources {
  private readonly paths: readonly string[];
  private readonly opened = new Map<number, number>();

  constructor(paths: readonly string[]) {
    this.paths = paths;
  }

  read({ file, offset, bytes }: Stretch, into: Buffer): Buffer {
    const source = this.opened.get(file) ?? openSync(this.paths[file] ?? '', 'r');
    this.opened.set(file, source);
    for (let at = 0; at < bytes;) {
      const read = readSync(source, into, at, bytes - at, offset + at);
      if (read === 0) throw new Error('the spool ends before its last row: somebody changed it');
      at += read;
    }
    return into;
  }

  close(): void {
    for (const source of this.opened.values()) closeSync(source);
  }
}
