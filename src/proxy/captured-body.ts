/** Longer bodies pass, and are not logged: a record may have 10 MB. */
export const MAX_BODY_BYTES = 10_000_000;

/** A copy of a body that passes. */
export class CapturedBody {
  length = 0;
  #chunks: Buffer[] = [];

  readonly add = (chunk: Buffer): void => {
    this.length += chunk.length;
    if (this.isTooLong) this.#chunks = [];
    else this.#chunks.push(chunk);
  };

  get isTooLong(): boolean {
    return this.length > MAX_BODY_BYTES;
  }

  /** In memory of its own, which can be given to a thread. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }
}
