import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../logger.js';
import type { JobDetail } from '../wire.js';

/** Is told the job's document each time that it was read; null: nothing more comes, as the job is gone or the gateway stops. */
export type Listener = (job: JobDetail | null) => void;

interface Watch {
  listeners: Set<Listener>;
  stopped: AbortController;
  following: Promise<void>;
}

interface Source {
  read: (runId: string) => Promise<JobDetail | null>;
  /** Milliseconds between two readings of one run. */
  everyMs: number;
  logger: Logger;
}

/** Reads each run that somebody listens to, once for all who do. */
export class RunWatches {
  readonly #source: Source;
  readonly #watches = new Map<string, Watch>();
  #isClosed = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Tells the listener of the run until it has ended; the returned function leaves before. */
  watch(runId: string, listener: Listener): () => void {
    if (this.#isClosed) listener(null);
    else this.#watchOf(runId).listeners.add(listener);
    return () => {
      const watch = this.#watches.get(runId);
      watch?.listeners.delete(listener);
      if (watch?.listeners.size === 0) this.#forget(runId, watch);
    };
  }

  /** Tells all listeners that nothing more comes. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const watches = [...this.#watches];
    for (const [runId, watch] of watches) {
      this.#forget(runId, watch);
      for (const listener of watch.listeners) listener(null);
    }
    await Promise.all(watches.map(([, { following }]) => following));
  }

  #watchOf(runId: string): Watch {
    const known = this.#watches.get(runId);
    if (known) return known;
    const watch: Watch = {
      listeners: new Set(),
      stopped: new AbortController(),
      following: Promise.resolve(),
    };
    this.#watches.set(runId, watch);
    watch.following = this.#follow(runId, watch);
    return watch;
  }

  #forget(runId: string, { stopped }: Watch): void {
    this.#watches.delete(runId);
    stopped.abort();
  }

  /** Never rejects: a run that cannot be read is read again. */
  async #follow(runId: string, watch: Watch): Promise<void> {
    const { read, everyMs, logger } = this.#source;
    const { signal } = watch.stopped;
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const job = await read(runId).catch((error: unknown) => {
        logger.debug({ err: error, runId }, 'a run that is listened to could not be read');
        return undefined;
      });
      if (job === undefined) continue;
      // In one go with what is told, so that nobody joins who would be told nothing.
      if (job === null || job.finished_at !== null) this.#forget(runId, watch);
      for (const listener of [...watch.listeners]) listener(job);
    }
  }
}
