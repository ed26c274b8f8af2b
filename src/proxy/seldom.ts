const PAUSE_MS = 10_000;

/** Does something that is asked for often, but seldom: what happens a thousand times a second is told every ten. */
export class Seldom {
  #lastMs = Number.NEGATIVE_INFINITY;

  do(act: () => void): void {
    const now = performance.now();
    if (now - this.#lastMs < PAUSE_MS) return;
    this.#lastMs = now;
    act();
  }
}
