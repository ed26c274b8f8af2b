import type { Worker } from 'node:worker_threads';
import { createLogger, type Logger } from '../logger.js';
import { takeDataFolder } from '../own-folder.js';
import { startThread } from '../start-thread.js';
import type { AppendResult, LogStore } from '../stores/log-store.js';
import { newCounts, sumOf } from './counts.js';
import type { Exchange, SkipReason } from './exchange.js';
import type { Memory } from './memory.js';
import type { FromThread, RecorderSettings, RecorderStatus, ToThread } from './recorder-messages.js';
import { Seldom } from './seldom.js';
import { appendTo } from './target.js';

const WHY = {
  memory: 'what passes, or waits for the disk, holds all the memory that it may: docs/logging-traffic.md',
  thread: 'the thread that logs has ended',
};
/** So long a stop waits for the store; what it has not taken by then is delivered after the next start. */
export const STOP_MS = 5_000;

/** Hands what passed to the thread that makes records of it. */
export class Recorder {
  readonly #thread: Worker;
  readonly #giveBack: () => void;
  readonly #logs: Pick<LogStore, 'append'> | null;
  readonly #asked = new Map<number, (status: RecorderStatus) => void>();
  /** Bytes of each, in the order in which the thread takes them. */
  readonly #pending: number[] = [];
  readonly #memory: Memory;
  #next = 0;
  #onStopped: () => void = () => undefined;
  #onReady: () => void = () => undefined;
  /** Of what did not reach the thread. */
  readonly #counts = newCounts();
  #last: RecorderStatus = { counts: newCounts(), waiting: 0, waitingBytes: 0, problem: null };
  #hasEnded = false;
  readonly #logger: Logger;
  readonly #seldom = new Seldom();

  private constructor(settings: RecorderSettings, memory: Memory, logs: Pick<LogStore, 'append'> | null) {
    this.#memory = memory;
    this.#giveBack = takeDataFolder(settings.spool.folder, 'proxy');
    this.#logs = logs;
    this.#logger = createLogger(settings.logLevel);
    this.#thread = startThread(import.meta.url, 'recorder-thread', { workerData: settings });
    this.#thread.on('message', (message: FromThread) => this.#hear(message));
    this.#thread.on('error', (error) => this.#end(error));
  }

  /** `memory` is that of what is on its way to the thread; `logs` the embedded store, where that is the target. */
  static async start(
    settings: RecorderSettings,
    memory: Memory,
    logs: Pick<LogStore, 'append'> | null,
  ): Promise<Recorder> {
    const recorder = new Recorder(settings, memory, logs);
    await new Promise<void>((resolve, reject) => {
      recorder.#onReady = resolve;
      recorder.#thread.once('error', reject);
    }).catch((error: unknown) => {
      recorder.#giveBack();
      throw error;
    });
    return recorder;
  }

  take(exchange: Exchange): void {
    const { request, answer } = exchange;
    const bytes = request.bytes.length + answer.bytes.length;
    if (this.#hasEnded) return this.drop('thread');
    if (!this.#memory.take(bytes)) return this.drop('memory');
    this.#pending.push(bytes);
    this.#say({ kind: 'exchange', exchange }, [request.bytes.buffer, answer.bytes.buffer]);
  }

  async status(): Promise<RecorderStatus> {
    const id = this.#next++;
    if (!this.#hasEnded)
      this.#last = await new Promise<RecorderStatus>((resolve) => {
        this.#asked.set(id, resolve);
        this.#say({ kind: 'status', id });
      });
    return { ...this.#last, counts: sumOf(this.#last.counts, this.#counts) };
  }

  /** Counts an exchange that is no record. */
  skip(reason: SkipReason): void {
    this.#counts.skipped[reason] += 1;
  }

  /** Counts an exchange that is lost, and tells it. */
  drop(reason: keyof typeof WHY): void {
    const dropped = ++this.#counts.dropped[reason];
    this.#seldom.do(() => this.#logger.error({ reason: WHY[reason], dropped }, 'records are dropped'));
  }

  /** Lets the thread deliver what it has, for a while, and ends it; what is left lies on disk. */
  async stop(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      if (this.#hasEnded) return resolve();
      this.#onStopped = resolve;
      timer = setTimeout(resolve, STOP_MS);
      this.#say({ kind: 'stop' });
    });
    clearTimeout(timer);
    await this.#thread.terminate();
    this.#giveBack();
  }

  /** It never should; answers pass all the same. */
  #end(error: unknown): void {
    this.#logger.error({ err: error }, 'the thread that logs has ended');
    this.#hasEnded = true;
    for (const bytes of this.#pending.splice(0)) {
      this.#memory.give(bytes);
      this.drop('thread');
    }
    this.#last.problem = `the thread that logs has ended: ${error instanceof Error ? error.message : String(error)}`;
    for (const settle of this.#asked.values()) settle(this.#last);
    this.#asked.clear();
    this.#onStopped();
  }

  #say(message: ToThread, owned: ArrayBuffer[] = []): void {
    this.#thread.postMessage(message, owned);
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case 'taken':
        this.#memory.give(this.#pending.shift() ?? 0);
        return;
      case 'status':
        this.#asked.get(message.id)?.(message.status);
        this.#asked.delete(message.id);
        return;
      case 'append':
        return void this.#append(message.id, message.lines);
      case 'ready':
        return this.#onReady();
      case 'stopped':
        return this.#onStopped();
    }
  }

  async #append(id: number, lines: string[]): Promise<void> {
    const result: AppendResult | { failed: string } = await (
      this.#logs ? appendTo(this.#logs, lines) : Promise.reject(new Error('there is no embedded store'))
    ).catch((error: unknown) => ({ failed: error instanceof Error ? error.message : String(error) }));
    this.#say({ kind: 'appended', id, result });
  }
}
