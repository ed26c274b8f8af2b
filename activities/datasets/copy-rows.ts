import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { CopyTask } from './thread-messages.js';

const CHUNK_BYTES = 2_000_000;

/** Copies rows out of the spool, byte for byte; says now and then how many. */
export function copyRows(task: CopyTask, report: (copied: number, done: boolean) => void): void {
  const sources = task.sources.map((path) => openSync(path, 'r'));
  const target = openSync(task.target, 'r+');
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let { position } = task;
    let filled = 0;
    let rows = 0;
    const flush = (bytes: Buffer) => {
      for (let at = 0; at < bytes.length;) {
        const written = writeSync(target, bytes, at, bytes.length - at, position);
        at += written;
        position += written;
      }
      report(rows, false);
      rows = 0;
    };
    for (const [i, length] of task.lengths.entries()) {
      if (filled + length > chunk.length) {
        flush(chunk.subarray(0, filled));
        filled = 0;
      }
      const room =
        length > chunk.length ? Buffer.allocUnsafeSlow(length) : chunk.subarray(filled, filled + length);
      readExactly(sources[task.files[i] ?? 0] ?? -1, room, task.offsets[i] ?? 0);
      rows++;
      if (length > chunk.length) flush(room);
      else filled += length;
    }
    flush(chunk.subarray(0, filled));
    report(rows, true);
  } finally {
    for (const file of [...sources, target]) closeSync(file);
  }
}

function readExactly(file: number, into: Buffer, offset: number): void {
  for (let at = 0; at < into.length;) {
    const bytes = readSync(file, into, at, into.length - at, offset + at);
    if (bytes === 0) throw new Error('the spool ends before its last row: somebody changed it');
    at += bytes;
  }
}
