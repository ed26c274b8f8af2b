import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../message-of.js';
import { Lines } from './lines.js';
import { SpoolFile } from './spool-file.js';

/** What is delivered at once; a store finds no batch of that size too big. */
const FILE_BYTES = 4_000_000;
const NAME = /^\d{12}\.ndjson$/;
/** Of the process or the machine, not of the file. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);
/** What is set aside leaves the other half to what comes. */
const MOST_ASIDE = 1 / 2;

/** Records of one file, oldest first. */
export interface SpooledBatch {
  path: string;
  lines: Lines;
}

/** A file that somebody has deleted, or that cannot be read and is set aside. */
export interface UnreadBatch {
  records: number;
  isGone: boolean;
  why: string;
}

type Waiting = Pick<SpoolFile, 'path' | 'bytes' | 'records'>;

/**
 * Records that wait on disk, in the order in which they came, also over a crash of the process: a line is with the operating
 * system when `add` returns. Files only this user can read, in a folder only this user can enter. What is set aside lies in
 * such files, too, which this process takes up no more, and the next one as all others.
 */
export class Spool {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #closed: Waiting[];
  readonly #aside: Waiting[] = [];
  /** Records that an earlier process has left unfinished, as a crash of the machine does. */
  readonly cut: number;
  #open: SpoolFile | null = null;
  /** The last of those aside, if more goes into it. */
  #openAside: SpoolFile | null = null;
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
    return recordsOf(this.#closed) + recordsOf(this.#aside) + (this.#open?.records ?? 0);
  }

  get waitingBytes(): number {
    return bytesOf(this.#closed) + bytesOf(this.#aside) + (this.#open?.bytes ?? 0);
  }

  /** Records that wait for the next start. */
  get aside(): number {
    return recordsOf(this.#aside);
  }

  /** Whether there is more than what is just being collected. */
  get isBehind(): boolean {
    return this.#closed.length > 0;
  }

  /** Adds a line; false where the spool is full. Throws where the disk fails. */
  add(json: string): boolean {
    const line = Buffer.from(`${json}\n`);
    if (this.waitingBytes + line.length > this.#limitBytes) return false;
    this.#open ??= this.#newFile();
    this.#open.add(line, 1);
    if (this.#open.bytes >= FILE_BYTES) this.#seal();
    return true;
  }

  /** The oldest records; null where none wait. A file that cannot be read keeps the others no longer. Throws where none can. */
  oldest(): SpooledBatch | UnreadBatch | null {
    if (this.#closed.length === 0) this.#seal();
    const [file] = this.#closed;
    if (!file) return null;
    try {
      return { path: file.path, lines: Lines.whole(readFileSync(file.path)) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (PASSING.has(code)) throw error;
      const isGone = code === 'ENOENT';
      this.#closed.shift();
      if (!isGone) this.#aside.push(file);
      return { records: file.records, isGone, why: messageOf(error) };
    }
  }

  /** Keeps some of what `oldest` has given for the next start. How many: the first of them, as far as there is room. */
  setAside(lines: string[]): number {
    const kept: Buffer[] = [];
    let room = this.#limitBytes * MOST_ASIDE - bytesOf(this.#aside);
    for (const line of lines) {
      const bytes = Buffer.from(`${line}\n`);
      if ((room -= bytes.length) < 0) break;
      kept.push(bytes);
    }
    if (kept.length === 0) return 0;
    if (!this.#openAside) this.#aside.push((this.#openAside = this.#newFile()));
    this.#openAside.add(Buffer.concat(kept), kept.length);
    if (this.#openAside.bytes >= FILE_BYTES) this.#sealAside();
    return kept.length;
  }

  /** Forgets what `oldest` has given. */
  remove({ path }: SpooledBatch): void {
    rmSync(path, { force: true });
    if (this.#closed[0]?.path === path) this.#closed.shift();
  }

  close(): void {
    this.#seal();
    this.#sealAside();
  }

  #newFile(): SpoolFile {
    return new SpoolFile(join(this.#folder, `${String(this.#next++).padStart(12, '0')}.ndjson`));
  }

  #seal(): void {
    if (!this.#open) return;
    this.#open.close();
    this.#closed.push(this.#open);
    this.#open = null;
  }

  #sealAside(): void {
    this.#openAside?.close();
    this.#openAside = null;
  }
}

const bytesOf = (files: Waiting[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

const recordsOf = (files: Waiting[]): number => files.reduce((sum, { records }) => sum + records, 0);

function measured(path: string) {
  const bytes = readFileSync(path);
  const lines = Lines.whole(bytes);
  return { path, bytes: bytes.length, records: lines.count, isCut: lines.bytes.length < bytes.length };
}
