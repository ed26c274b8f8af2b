const NEWLINE = 0x0a;

/**
 * Texts of a line each, as they lie on disk and are sent. Kept as bytes: as strings, a file of them would have the collector
 * of garbage go through all of the thread's memory several times a minute, on cores that pass answers on.
 */
export class Lines {
  readonly bytes: Buffer;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  static of(texts: readonly string[]): Lines {
    return new Lines(Buffer.from(texts.map((text) => `${text}\n`).join('')));
  }

  /** Of a file, whose last line may have been cut. */
  static whole(bytes: Buffer): Lines {
    return new Lines(bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1));
  }

  get count(): number {
    let count = 0;
    for (let at = this.bytes.indexOf(NEWLINE); at >= 0; at = this.bytes.indexOf(NEWLINE, at + 1)) count += 1;
    return count;
  }

  get texts(): string[] {
    return this.bytes.toString().split('\n').slice(0, -1);
  }
}
