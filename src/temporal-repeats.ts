import { setTimeout as sleep } from 'node:timers/promises';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';

const { delayFunction, retryableDecider } = defaultGrpcRetryOptions();

/** Timers count whole milliseconds. */
const SLACK_MS = 10;

/**
 * Repeats calls to Temporal that failed in passing, as its SDK does, until it is told to end. A repeat that comes when
 * the connection is closed throws from a timer, which nobody can catch: so the connection is closed after the last one.
 */
export class Repeats {
  #isEnding = false;
  /** When the last repeat begins, in epoch milliseconds. */
  #lastMs = 0;

  readonly interceptor = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => !this.#isEnding && retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const delayMs = delayFunction(attempt, status);
      this.#lastMs = Math.max(this.#lastMs, Date.now() + delayMs);
      return delayMs;
    },
  });

  /** Resolves when no call is repeated any more, within 6 s. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const leftMs = this.#lastMs - Date.now();
    if (leftMs > 0) await sleep(leftMs + SLACK_MS);
  }
}
