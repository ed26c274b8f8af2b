import { MAX_RECORD_BYTES } from '../stores/incoming-record.js';
import type { Memory } from './memory.js';

const LEAST_ROOM = 4_096;
const NOTHING = new Uint8Array(0);

/** A copy of a body that passes. */
export class CapturedBody {
  /** All that has passed. */
  #length = 0;
  /** There was no memory for it. */
  isDropped = false;
  readonly #memory: Memory;
  /** In one piece: a stream comes in many, each of which would cost more than its bytes. */
  #room = NOTHING;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** It passes, and is not logged: no record could hold it. */
  get isTooLong(): boolean {
    return this.#length > MAX_RECORD_BYTES;
  }

  readonly add = (chunk: Buffer): void => {
    const at = this.#length;
    this.#length += chunk.length;
    if (this.isTooLong) this.release();
    else if (!this.isDropped && this.#hasRoom()) this.#room.set(chunk, at);
  };

  /** In memory of its own, which can be given to a thread. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#room.slice(0, this.#length);
  }

  /** Keeps nothing of it any more. */
  release(): void {
    this.#memory.give(this.#room.length);
    this.#room = NOTHING;
  }

  /** Doubles the room where it is too little, so that no byte is moved often. */
  #hasRoom(): boolean {
    if (this.#length <= this.#room.length) return true;
    const size = Math.max(LEAST_ROOM, 2 ** Math.ceil(Math.log2(this.#length)));
    if (!this.#memory.take(size)) {
      this.isDropped = true;
      this.release();
      return false;
    }
    const room = new Uint8Array(size);
    room.set(this.#room);
    this.release();
    this.#room = room;
    return true;
  }
}
