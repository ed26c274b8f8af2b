import type { ServerResponse } from 'node:http';
import { HttpError } from '../errors.js';

/** Keeps one caller from all connections of the gateway: a stream has its own for as long as its job goes on. */
export class StreamLimit {
  readonly #most: number;
  readonly #open = new Map<string, number>();

  /** `most`: streams that one caller may have open. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a stream of the caller until its answer is closed; a 429 where as many are open as may be. */
  add(caller: string, response: ServerResponse): void {
    const open = this.#open.get(caller) ?? 0;
    if (open >= this.#most)
      throw new HttpError(
        429,
        `${open} streams of events are open for this caller, and no more may be: close one, or ask for the job itself.`,
        { 'Retry-After': '10' },
      );
    this.#open.set(caller, open + 1);
    response.on('close', () => this.#remove(caller));
  }

  #remove(caller: string): void {
    const open = (this.#open.get(caller) ?? 1) - 1;
    if (open > 0) this.#open.set(caller, open);
    else this.#open.delete(caller);
  }
}
