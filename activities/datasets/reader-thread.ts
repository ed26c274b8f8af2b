import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from '../../src/records/digest-columns.js';
import { LineBuffer } from '../../src/records/line-buffer.js';
import { PageReader } from '../../src/records/page-reader.js';
import { copyRows } from './copy-rows.js';
import type { ThreadAnswer, ThreadData, ThreadTask } from './thread-messages.js';

const LINE_BYTES = 5_000_000;

// Set by whoever starts this module as a thread: `Readers`.
const { path, file, reading } = workerData as ThreadData;
const spool = openSync(path, 'wx', 0o600);
const reader = new PageReader(reading, file);
const lines = new LineBuffer(LINE_BYTES);

parentPort?.on('message', (task: ThreadTask) => {
  try {
    if ('page' in task) readPage(task.page);
    else copyRows(task.copy, (copied, done) => answer({ copied, done }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const target = 'page' in task ? path : task.copy.target;
    answer({
      failed: { message: error instanceof Error ? error.message : String(error), code, path: target },
    });
  }
});
parentPort?.on('close', () => closeSync(spool));

function readPage(page: Extract<ThreadTask, { page: unknown }>['page']): void {
  const result = reader.read(page, lines);
  const bytes = lines.take();
  for (let written = 0; written < bytes.length;) written += writeSync(spool, bytes, written);
  answer({ result, bytes: page.bytes }, [...buffersOf(result.digests.columns), page.bytes.buffer]);
}

function answer(message: ThreadAnswer, handedOver: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, handedOver);
}
