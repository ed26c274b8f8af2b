import type { Worker } from 'node:worker_threads';
import type { PageResult } from '../records/page-reader.js';
import { startThread } from '../start-thread.js';
import { SpoolError } from './spool-error.js';
import type { ThreadAnswer, ThreadData, ThreadTask } from './thread-messages.js';

/** Megabytes. What a thread makes of a page is garbage soon; only single records of many MB need room. */
const LIMITS = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 1024 };

export interface TaskEvents {
  onResult?: (result: PageResult, bytes: Uint8Array) => void;
  onCopied?: (rows: number) => void;
}

interface Task extends TaskEvents {
  resolve: () => void;
  reject: (error: unknown) => void;
  ended: Promise<void>;
}

/** A reader thread as its owner sees it: does one task after the other. */
export class ReaderThread {
  private readonly worker: Worker;
  private readonly tasks: Task[] = [];
  private failure: unknown;

  constructor(workerData: ThreadData) {
    this.worker = startThread(import.meta.url, 'reader-thread', { workerData, resourceLimits: LIMITS });
    this.worker.on('message', (answer: ThreadAnswer) => this.take(answer));
    this.worker.on('error', (error) => this.fail(error));
  }

  /** Tasks that it has not ended yet. */
  get load(): number {
    return this.tasks.length;
  }

  /** Resolves when the task is ended that has been there longest. */
  get oldest(): Promise<void> {
    return this.tasks[0]?.ended ?? Promise.resolve();
  }

  /** A thread that has failed reads nothing any more. */
  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  run(task: ThreadTask, handedOver: ArrayBuffer[], events: TaskEvents): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure as Error);
    const { promise, resolve, reject } = withResolvers();
    // Whoever waits for it learns of a failure; it is no unhandled one when nobody does any more.
    promise.catch(() => undefined);
    this.tasks.push({ ...events, resolve, reject, ended: promise });
    this.worker.postMessage(task, handedOver);
    return promise;
  }

  fail(error: unknown): void {
    this.failure ??= error;
    for (const task of this.tasks.splice(0)) task.reject(error);
  }

  async stop(): Promise<void> {
    this.fail(new Error('the thread was stopped'));
    await this.worker.terminate();
  }

  private take(answer: ThreadAnswer): void {
    const [task] = this.tasks;
    if (!task) return;
    if ('failed' in answer) this.fail(new SpoolError(answer.failed));
    else if ('result' in answer) task.onResult?.(answer.result, answer.bytes);
    else task.onCopied?.(answer.copied);
    if ('result' in answer || ('done' in answer && answer.done)) this.tasks.shift()?.resolve();
  }
}

/** `Promise.withResolvers` of newer runtimes. */
function withResolvers() {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
