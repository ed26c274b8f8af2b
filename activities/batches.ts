interface Waiting<I, O> {
  item: I;
  done: (output: O) => void;
  failed: (error: unknown) => void;
}

/** One call at a time for each key: what comes while one is under way goes together in the next. */
export class Batches<I, O> {
  readonly #longest: number;
  readonly #call: (key: string, items: I[]) => Promise<O[]>;
  readonly #waiting = new Map<string, Waiting<I, O>[]>();

  /** `call` takes at most `longest` items and resolves with the output of each, in their order. */
  constructor(longest: number, call: (key: string, items: I[]) => Promise<O[]>) {
    this.#longest = longest;
    this.#call = call;
  }

  add(key: string, item: I): Promise<O> {
    return new Promise((done, failed) => {
      const waiting = this.#waiting.get(key);
      if (waiting) return void waiting.push({ item, done, failed });
      const first = [{ item, done, failed }];
      this.#waiting.set(key, first);
      void this.#callAll(key, first);
    });
  }

  async #callAll(key: string, waiting: Waiting<I, O>[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, this.#longest);
      try {
        const outputs = await this.#call(
          key,
          batch.map(({ item }) => item),
        );
        outputs.forEach((output, i) => batch[i]?.done(output));
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#waiting.delete(key);
  }
}
