/** Collects lines as bytes, in a buffer that is used again and again. */
export class LineBuffer {
  private buffer: Buffer<ArrayBufferLike>;
  private length = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Adds pieces of a line, as text or bytes, and says how many bytes they are. */
  add(...pieces: (string | Buffer)[]): number {
    const start = this.length;
    for (const piece of pieces) {
      // No character of a text takes more than three bytes.
      this.ensure(typeof piece === 'string' ? piece.length * 3 : piece.length);
      this.length +=
        typeof piece === 'string'
          ? this.buffer.write(piece, this.length)
          : piece.copy(this.buffer, this.length);
    }
    return this.length - start;
  }

  /** What has been added, valid until the next `add`; nothing is left. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  private ensure(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}
