import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** A new file of lines that is being written, as nobody else may read it. */
export class SpoolFile {
  readonly path: string;
  bytes = 0;
  readonly #descriptor: number;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'ax', 0o600);
  }

  /** Writes a line whole, or throws and leaves nothing of it. */
  add(line: Buffer): void {
    try {
      for (let at = 0; at < line.length;) at += writeSync(this.#descriptor, line, at);
      this.bytes += line.length;
    } catch (error) {
      ftruncateSync(this.#descriptor, this.bytes);
      throw error;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
