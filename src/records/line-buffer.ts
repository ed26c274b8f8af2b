/** Collects lines as bytes, in a buffer that is used again and again. */
export class LineBuffer {
  private buffer: Buffer<ArrayBufferLike>;
  private filled = 0;

  constructor(capacity: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Bytes that have been added since the last `take`. */
  get length(): number {
    return this.filled;
  }

  /** Adds pieces of a line, as text or bytes, and says how many bytes they are. */
  add(...pieces: (string | Buffer)[]): number {
    const start = this.filled;
    for (const piece of pieces) {
      // No character of a text takes more than three bytes.
      this.ensure(typeof piece === 'string' ? piece.length * 3 : piece.length);
      this.filled +=
        typeof piece === 'string'
          ? this.buffer.write(piece, this.filled)
          : piece.copy(this.buffer, this.filled);
    }
    return this.filled - start;
  }

  /** Adds again what was added from one byte to another. */
  repeat(start: number, end: number): void {
    this.ensure(end - start);
    this.filled += this.buffer.copy(this.buffer, this.filled, start, end);
  }

  /** What has been added, valid until the next `add`; nothing is left. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.filled);
    this.filled = 0;
    return taken;
  }

  private ensure(bytes: number): void {
    const needed = this.filled + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.filled);
    this.buffer = grown;
  }
}
