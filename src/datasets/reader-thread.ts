import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../message-of.js';
import { buffersOf } from '../records/digest-columns.js';
import { LineBuffer } from '../records/line-buffer.js';
import { PageReader } from '../records/page-reader.js';
import { copyRows } from './copy-rows.js';
import { type ThreadAnswer, type ThreadData, type ThreadTask, unshared } from './thread-messages.js';

const LINE_BYTES = 5_000_000;
/** What is written at once; larger pieces take the system longer (see docs/benchmarks.md). */
const WRITE_BYTES = 256 * 1024;

// Set by whoever starts this module as a thread: `Readers`.
const { path, file, reading } = workerData as ThreadData;
const reader = new PageReader(reading, file);
const lines = new LineBuffer(LINE_BYTES);
/** Opened with the first page, where a failure is told like any other. */
let spool: number | null = null;

parentPort?.on('message', (task: ThreadTask) => {
  try {
    if ('page' in task) readPage(task.page);
    else copyRows(task.copy, (copied, done) => answer({ copied, done }));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    const target = 'page' in task ? path : task.copy.target;
    answer({
      failed: { message: messageOf(error), code, path: target },
    });
  }
});
parentPort?.on('close', () => spool !== null && closeSync(spool));

function readPage(page: Extract<ThreadTask, { page: unknown }>['page']): void {
  const result = reader.read(page, lines);
  const bytes = lines.take();
  spool ??= openSync(path, 'wx', 0o600);
  for (let written = 0; written < bytes.length;)
    written += writeSync(spool, bytes.subarray(written, written + WRITE_BYTES));
  answer({ result, bytes: page.bytes }, [...buffersOf(result.digests.columns), ...unshared(page.bytes)]);
}

function answer(message: ThreadAnswer, handedOver: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, handedOver);
}
