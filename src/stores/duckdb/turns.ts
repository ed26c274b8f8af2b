/** Lets any number read at a time, or one alone. */
export class Turns {
  readonly #reading = new Set<Promise<void>>();
  #alone: Promise<unknown> = Promise.resolve();

  /** Resolves when nobody is alone; what it gives ends the reading. */
  async read(): Promise<() => void> {
    await this.#alone;
    let end = () => {};
    const reading = new Promise<void>((resolve) => (end = resolve));
    this.#reading.add(reading);
    return () => {
      this.#reading.delete(reading);
      end();
    };
  }

  /** Does the work when those that read now have ended; those that come meanwhile wait. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#alone.then(() => Promise.all(this.#reading)).then(work);
    this.#alone = result.catch(() => undefined);
    return result;
  }
}
