import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SpoolFile } from './spool-file.js';

/** What is delivered at once; a store finds no batch of that size too big. */
const FILE_BYTES = 4_000_000;
const NAME = /^\d{12}\.ndjson$/;
const NEWLINE = 0x0a;

/** Records of one file, oldest first. */
export interface SpooledBatch {
  path: string;
  lines: string[];
}

/**
 * Records that wait on disk, in the order in which they came, also over a crash of the process: a line is with the operating
 * system when `add` returns. Files only this user can read, in a folder only this user can enter.
 */
export class Spool {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #closed: { path: string; bytes: number; records: number }[];
  /** Records that an earlier process has left unfinished, as a crash of the machine does. */
  readonly cut: number;
  #open: SpoolFile | null = null;
  #openRecords = 0;
  #next: number;

  /** What an earlier process has left is taken over. */
  constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const left = readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .map((name) => measured(join(folder, name)));
    this.#closed = left;
    this.cut = left.filter(({ isCut }) => isCut).length;
    this.#next = Number.parseInt(basename(this.#closed.at(-1)?.path ?? '0'), 10) + 1;
  }

  get waiting(): number {
    return this.#closed.reduce((sum, { records }) => sum + records, this.#openRecords);
  }

  get waitingBytes(): number {
    return this.#closed.reduce((sum, { bytes }) => sum + bytes, this.#open?.bytes ?? 0);
  }

  /** Whether there is more than what is just being collected. */
  get isBehind(): boolean {
    return this.#closed.length > 0;
  }

  /** Adds a line; false where the spool is full. Throws where the disk fails. */
  add(json: string): boolean {
    const line = Buffer.from(`${json}\n`);
    if (this.waitingBytes + line.length > this.#limitBytes) return false;
    this.#open ??= new SpoolFile(join(this.#folder, `${String(this.#next++).padStart(12, '0')}.ndjson`));
    this.#open.add(line);
    this.#openRecords += 1;
    if (this.#open.bytes >= FILE_BYTES) this.#seal();
    return true;
  }

  /** The oldest records; null where none wait. */
  oldest(): SpooledBatch | null {
    if (this.#closed.length === 0) this.#seal();
    const [file] = this.#closed;
    if (!file) return null;
    const lines = readFileSync(file.path, 'utf8').split('\n');
    // What follows the last end of a line was cut: see `cut`.
    return { path: file.path, lines: lines.slice(0, -1) };
  }

  /** Forgets what `oldest` has given. */
  remove({ path }: SpooledBatch): void {
    rmSync(path, { force: true });
    if (this.#closed[0]?.path === path) this.#closed.shift();
  }

  close(): void {
    this.#seal();
  }

  #seal(): void {
    if (!this.#open) return;
    const { path, bytes } = this.#open;
    this.#open.close();
    this.#closed.push({ path, bytes, records: this.#openRecords });
    this.#open = null;
    this.#openRecords = 0;
  }
}

function measured(path: string) {
  const bytes = readFileSync(path);
  let records = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) records += 1;
  return { path, bytes: bytes.length, records, isCut: bytes.length > 0 && bytes.at(-1) !== NEWLINE };
}
