import { MAX_ITEM_BYTES } from './item-text.js';
import { BATCH_BYTES } from './keep-items.js';

/** What one body holds in memory at most: a batch that is being stored, and the record that is coming. */
export const MOST_HELD = BATCH_BYTES + MAX_ITEM_BYTES;

/** How much of a body that is being read is in memory. */
export class Upload {
  #received = 0;
  #stored = 0;
  #end: () => void = () => undefined;
  readonly ended = new Promise<void>((resolve) => (this.#end = resolve));

  get held(): number {
    return this.heldWith(0);
  }

  /** With so many bytes more. */
  heldWith(bytes: number): number {
    return Math.min(this.#received + bytes - this.#stored, MOST_HELD);
  }

  receive(bytes: number): void {
    this.#received += bytes;
  }

  /** What comes before that place in the body is not held any more. */
  readonly store = (upTo: number): void => {
    this.#stored = upTo;
  };

  end(): void {
    this.#end();
  }
}
