import { aborted } from '../aborted.js';
import { HttpError, unavailable } from './errors.js';

export interface PreviewLimits {
  /** Previews that are built at a time. */
  most: number;
  /** Milliseconds until one is given up. */
  limitMs: number;
}

const LIMITS: PreviewLimits = { most: 2, limitMs: 120_000 };

/** Keeps the building of previews from taking over the gateway: each reads a whole workload. */
export class Previews {
  private readonly limits: PreviewLimits;
  private readonly running = new Set<AbortController>();

  constructor(limits = LIMITS) {
    this.limits = limits;
  }

  /**
   * Does the work, whose signal is aborted when `gone` is, when it takes too long and when the gateway stops. A 429 where
   * as many run as may; a 503 where it took too long.
   */
  async run<T>(gone: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { most, limitMs } = this.limits;
    if (this.running.size >= most)
      throw new HttpError(
        429,
        `${most} previews are being built, and no more are at a time: ask again when one of them has ended.`,
        { 'Retry-After': '10' },
      );
    const own = new AbortController();
    this.running.add(own);
    const timer = setTimeout(() => own.abort(tooLong(limitMs)), limitMs);
    const signal = AbortSignal.any([gone, own.signal]);
    // Its place is free when it has really ended; whoever waits for it is told before.
    const working = work(signal).finally(() => this.running.delete(own));
    try {
      return await Promise.race([working, aborted(signal)]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends those that run: the gateway stops. */
  stop(): void {
    for (const running of this.running) running.abort(unavailable('The gateway stops: ask again.'));
  }
}

const tooLong = (limitMs: number): HttpError =>
  unavailable(
    `The preview was not built within ${limitMs / 1000} s: the workload is large, or the store is slow. ` +
      '`flywheel datasets` builds the same without a limit of time.',
  );
