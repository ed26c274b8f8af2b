import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A new file of lines that is being written, as nobody else may read it. */
export class SpoolFile {
  readonly path: string;
  bytes = 0;
  records = 0;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'ax', 0o600);
  }

  /** Writes lines whole, or throws and leaves nothing of them. */
  add(lines: Buffer, records: number): void {
    try {
      for (let at = 0; at < lines.length;) at += writeSync(this.#descriptor, lines, at);
      this.bytes += lines.length;
      this.records += records;
    } catch (error) {
      ftruncateSync(this.#descriptor, this.bytes);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
