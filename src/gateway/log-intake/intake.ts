import type { IncomingMessage } from 'node:http';
import { HttpError } from '../errors.js';
import { MAX_ITEM_BYTES } from './item-text.js';
import { BATCH_BYTES } from './keep-items.js';
import { encodingOf, MAX_BODY_BYTES, tooLarge } from './unpacked-body.js';

/** What one request holds in memory at most: a batch that is being stored, and the record that is coming. */
const MOST_HELD = BATCH_BYTES + MAX_ITEM_BYTES;

/** Of all bodies that are being read. */
export interface IntakeLimits {
  requests: number;
  bytes: number;
}

const LIMITS: IntakeLimits = { requests: 500, bytes: 8 * MOST_HELD };

/** Lets in as many bodies of log records at a time as there is memory for; the others are to come again. */
export class Intake {
  readonly #limits: IntakeLimits;
  #requests = 0;
  #bytes = 0;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** Reads a request's body; a 429 where there is no room, a 413 where it says itself that it is too large. */
  async admit<T>(request: IncomingMessage, read: () => Promise<T>): Promise<T> {
    const held = heldBy(request);
    if (this.#requests >= this.#limits.requests || this.#bytes + held > this.#limits.bytes) throw busy();
    this.#requests += 1;
    this.#bytes += held;
    try {
      return await read();
    } finally {
      this.#requests -= 1;
      this.#bytes -= held;
    }
  }
}

/** Of a packed body, or one that does not say its length, the most that any holds. */
function heldBy(request: IncomingMessage): number {
  const length = request.headers['content-length'];
  if (length === undefined || encodingOf(request) !== 'identity') return MOST_HELD;
  if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
  return Math.min(Number(length), MOST_HELD);
}

const busy = (): HttpError =>
  new HttpError(429, 'More log records are coming in than can be stored at once: send them again.', {
    'Retry-After': '1',
  });
