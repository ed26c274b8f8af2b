import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LocalFile } from '../nemo/data-store.js';
import type { RowSource } from './dataset-files.js';
import type { Readers } from './readers.js';
import { type CopyTask, PARTS } from './thread-messages.js';

/** Rows that are worth a task of their own. */
const FEWEST_ROWS = 1_000;

/** Writes the training lines of the records, as they lie in the spool, into one file. */
export async function writeTrainingFile(
  readers: Readers,
  source: RowSource,
  path: string,
  rows: Uint32Array,
): Promise<LocalFile> {
  const localPath = join(source.spool.folder, 'train', path);
  await mkdir(dirname(localPath), { recursive: true, mode: 0o700 });
  await (await open(localPath, 'wx', 0o600)).close();
  let written = 0;
  await readers.copy(copyTasks(source, localPath, rows, readers.parts), (copied) => {
    written += copied;
    source.watch.onProgress({ writing: path, rows: written });
  });
  return { path, localPath };
}

/** Parts of the file, each a task. */
function copyTasks(source: RowSource, target: string, rows: Uint32Array, parts: number): CopyTask[] {
  const size = Math.max(FEWEST_ROWS, Math.ceil(rows.length / parts));
  const tasks: CopyTask[] = [];
  let position = 0;
  for (let from = 0; from < rows.length; from += size) {
    const task = copyTask(source, target, position, rows.subarray(from, from + size));
    tasks.push(task);
    for (const record of rows.subarray(from, from + size)) position += source.digests.lineBytesOf(record);
  }
  return tasks;
}

function copyTask(
  { spool, digests }: RowSource,
  target: string,
  position: number,
  rows: Uint32Array,
): CopyTask {
  const files = new Uint8Array(rows.length);
  const offsets = new Float64Array(rows.length * PARTS);
  const lengths = new Uint32Array(rows.length * PARTS);
  for (const [i, record] of rows.entries()) {
    const { file, opening, history, own } = digests.placeOf(record);
    files[i] = file;
    offsets.set([opening.offset, history.offset, own.offset], i * PARTS);
    lengths.set([opening.bytes, history.bytes, own.bytes], i * PARTS);
  }
  return { target, position, sources: spool.files, files, offsets, lengths };
}
