import type { IncomingMessage } from 'node:http';
import { HttpError } from '../errors.js';
import { encodingOf, MAX_BODY_BYTES, tooLarge, unpackedBody } from './unpacked-body.js';
import { MOST_HELD, Upload } from './upload.js';

/** Of all bodies that are being read. */
export interface IntakeLimits {
  requests: number;
  bytes: number;
}

const LIMITS: IntakeLimits = { requests: 500, bytes: 8 * MOST_HELD };

/** The chunks of a body, as they come, and who is to be told up to where it is stored. */
type Read<T> = (chunks: AsyncIterable<Buffer>, store: Upload['store']) => Promise<T>;

/**
 * Bounds how many bodies are read at a time, and what they hold together. Where there is no more room, the
 * body that has waited longest for its sender gives way: a slow one keeps nobody out. Where those that wait could not make
 * the room, since the store is slower than all of them, whoever needs it is to come again, and nobody gives way in vain.
 */
export class Intake {
  readonly #limits: IntakeLimits;
  readonly #open = new Set<Upload>();
  /** Those that wait for their sender, the longest first, and what makes each give way. */
  readonly #waiting = new Map<Upload, () => void>();

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** Bytes that all bodies hold. */
  get held(): number {
    let bytes = 0;
    for (const upload of this.#open) bytes += upload.held;
    return bytes;
  }

  /** Reads a request's body; a 429 where there is no room, a 413 where it says itself that it is too large. */
  async admit<T>(request: IncomingMessage, read: Read<T>): Promise<T> {
    const expected = mostHeldBy(request);
    while (this.#open.size >= this.#limits.requests || this.#lacking(expected) > 0)
      await this.#slowestGivesWay(this.#lacking(expected));
    const upload = new Upload();
    this.#open.add(upload);
    try {
      return await read(this.#coming(upload, unpackedBody(request)), upload.store);
    } finally {
      this.#open.delete(upload);
      upload.end();
    }
  }

  async *#coming(upload: Upload, body: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        const { done, value: chunk } = await this.#next(upload, body);
        if (done) return;
        const { length } = chunk;
        const more = () => this.#lacking(upload.heldWith(length) - upload.held);
        while (more() > 0) await this.#slowestGivesWay(more());
        upload.receive(length);
        yield chunk;
      }
    } finally {
      // Not awaited: a body that gave way is still waiting for its next chunk.
      void body.return(undefined);
    }
  }

  async #next(upload: Upload, body: AsyncGenerator<Buffer>): Promise<IteratorResult<Buffer, void>> {
    let isTold = false;
    const givesWay = new Promise<void>((resolve) =>
      this.#waiting.set(upload, () => {
        isTold = true;
        resolve();
      }),
    );
    try {
      const next = await Promise.race([body.next(), givesWay]);
      // Also where the chunk came in the same moment: somebody waits for its end.
      if (isTold || next === undefined) throw tooSlow();
      return next;
    } finally {
      this.#waiting.delete(upload);
    }
  }

  /** How many bytes there are too few for so many more; none, where it is not above 0. */
  #lacking(more: number): number {
    return this.held + more - this.#limits.bytes;
  }

  /**
   * Where memory is lacking it is one that holds its share of that: another would give way for next to nothing. Resolves when
   * what it had is stored, and its memory free.
   */
  async #slowestGivesWay(lacking: number): Promise<void> {
    const waiting = [...this.#waiting];
    const room = waiting.reduce((sum, [{ held }]) => sum + held, 0);
    const [slowest] = waiting.filter(([{ held }]) => held >= lacking / waiting.length);
    if (slowest === undefined || room < lacking) throw busy();
    const [upload, giveWay] = slowest;
    giveWay();
    await upload.ended;
  }
}

/** Of a packed body, or one that does not say its length, the most that any holds. */
function mostHeldBy(request: IncomingMessage): number {
  const length = request.headers['content-length'];
  if (length === undefined || encodingOf(request) !== 'identity') return MOST_HELD;
  if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
  return Math.min(Number(length), MOST_HELD);
}

const busy = (): HttpError =>
  new HttpError(429, 'More is coming in than can be taken at once: send it again.', {
    'Retry-After': '1',
  });

const tooSlow = (): HttpError =>
  new HttpError(
    429,
    'Others needed the memory while the rest of this body was waited for: send it again, without pauses.',
    { 'Retry-After': '1' },
  );
