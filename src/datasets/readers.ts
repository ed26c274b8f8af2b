import { availableParallelism } from 'node:os';
import type { PageReading, PageResult, RecordPage } from '../records/page-reader.js';
import type { Spool } from './spool.js';
import { ReaderThread, type TaskEvents } from './reader-thread-handle.js';
import { type CopyTask, unshared } from './thread-messages.js';

/** One core is left to whoever fetches the pages, to the workflows of this process, and to a store beside it. */
const USUAL_THREADS = Math.max(1, Math.min(4, availableParallelism() - 1));
/** One that is read and one that waits. */
const PAGES_A_THREAD = 2;

/** Threads that read pages into spool files, one each, and copy rows out of them. Each begins when it is needed. */
export class Readers {
  private readonly threads: ReaderThread[] = [];
  private readonly most: number;
  private readonly spool: Spool;
  private readonly reading: PageReading;
  private readonly signal: AbortSignal;

  constructor(spool: Spool, reading: PageReading, signal: AbortSignal, most = USUAL_THREADS) {
    this.spool = spool;
    this.reading = reading;
    this.signal = signal;
    this.most = most;
    signal.addEventListener('abort', this.abort);
  }

  /**
   * Resolves when the page is in a thread's hands; `onResult` is called when it has been read. Whatever fails in a thread,
   * this or the next call, or `end`, rejects with it.
   */
  async read({ reuse, ...page }: RecordPage, onResult: (result: PageResult) => void): Promise<void> {
    const thread = await this.freeThread();
    const events: TaskEvents = {
      onResult(result, bytes) {
        onResult(result);
        reuse?.(bytes);
      },
    };
    void thread.run({ page }, [...unshared(page.bytes), page.bounds.buffer], events).catch(() => undefined);
  }

  /** Resolves when every page has been read. */
  async end(): Promise<void> {
    while (this.threads.some(({ load }) => load > 0))
      await Promise.all(this.threads.map(({ oldest }) => oldest));
    this.throwIfFailed();
  }

  /** Shares the tasks out over the threads. */
  async copy(tasks: readonly CopyTask[], onCopied: (rows: number) => void): Promise<void> {
    for (let i = this.threads.length; i < Math.min(this.most, tasks.length); i++) this.start();
    await Promise.all(
      tasks.map((copy, i) => this.threads[i % this.threads.length]?.run({ copy }, [], { onCopied })),
    );
  }

  /** How many parts of a big task are worth while. */
  get parts(): number {
    return this.most;
  }

  async close(): Promise<void> {
    this.signal.removeEventListener('abort', this.abort);
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }

  private readonly abort = (): void => this.threads.forEach((thread) => thread.fail(this.signal.reason));

  private async freeThread(): Promise<ReaderThread> {
    for (;;) {
      this.throwIfFailed();
      const [least] = this.threads.toSorted((a, b) => a.load - b.load);
      if (!least || (least.load > 0 && this.threads.length < this.most)) return this.start();
      if (least.load < PAGES_A_THREAD) return least;
      await Promise.race(this.threads.map(({ oldest }) => oldest));
    }
  }

  private throwIfFailed(): void {
    this.signal.throwIfAborted();
    for (const thread of this.threads) thread.throwIfFailed();
  }

  private start(): ReaderThread {
    const file = this.threads.length;
    const thread = new ReaderThread({ path: this.spool.addFile(), file, reading: this.reading });
    this.threads.push(thread);
    return thread;
  }
}
