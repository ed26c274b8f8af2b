import type { AppendResult } from '../stores/log-store.js';
import type { Lines } from './lines.js';
import type { FromThread } from './recorder-messages.js';
import type { Delivered, Target } from './target.js';

/** Few, since the thread that stores them passes answers on, too. */
const LINES_AT_ONCE = 20;

/** Asks the thread that has the embedded store to append records. */
export class OwnerTarget implements Target {
  readonly #say: (message: FromThread) => void;
  readonly #asked = new Map<number, (result: AppendResult | { failed: string }) => void>();
  #next = 0;

  constructor(say: (message: FromThread) => void) {
    this.#say = say;
  }

  async append({ texts }: Lines): Promise<Delivered> {
    const all: Delivered = { appended: 0, duplicates: 0, errors: [], notTaken: [] };
    for (let from = 0; from < texts.length; from += LINES_AT_ONCE) {
      const result = await this.#ask(texts.slice(from, from + LINES_AT_ONCE));
      if ('failed' in result) throw new Error(result.failed);
      all.appended += result.appended;
      all.duplicates += result.duplicates;
      all.errors.push(...result.errors.map(({ index, reason }) => ({ index: from + index, reason })));
    }
    return all;
  }

  settle(id: number, result: AppendResult | { failed: string }): void {
    this.#asked.get(id)?.(result);
    this.#asked.delete(id);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #ask(lines: string[]): Promise<AppendResult | { failed: string }> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#say({ kind: 'append', id, lines });
    });
  }
}
