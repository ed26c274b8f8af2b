/** What passes or has passed, and is not on disk yet, holds at most so many bytes. */
export const MOST_HELD_BYTES = 128_000_000;

/** Bounds what all that is kept in memory holds together. */
export class Memory {
  #held = 0;
  readonly #most: number;

  constructor(most = MOST_HELD_BYTES) {
    this.#most = most;
  }

  /** False where there is no room. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.#most) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}
