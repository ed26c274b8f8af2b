import { mkdir, mkdtemp, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CanonicalRecord } from '../src/records/canonical-record.js';
import type { Digest } from '../src/records/digest.js';

/** A private folder of one build, with a file of canonical records in it; gone after `remove`. */
export class Spool {
  readonly folder: string;
  private readonly file: FileHandle;
  private end = 0;

  private constructor(folder: string, file: FileHandle) {
    this.folder = folder;
    this.file = file;
  }

  static async create(parent: string): Promise<Spool> {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(parent, `datasets-${process.pid}-`));
    return new Spool(folder, await open(join(folder, 'records'), 'wx+', 0o600));
  }

  /** Appends a record and says where it lies. */
  async append(record: CanonicalRecord): Promise<{ offset: number; length: number }> {
    const bytes = Buffer.from(JSON.stringify(record));
    await this.file.write(bytes, 0, bytes.length, this.end);
    const offset = this.end;
    this.end += bytes.length;
    return { offset, length: bytes.length };
  }

  async read({ offset, length }: Pick<Digest, 'offset' | 'length'>): Promise<CanonicalRecord> {
    const bytes = Buffer.alloc(length);
    await this.file.read(bytes, 0, length, offset);
    // Written by `append` above, in this process.
    return JSON.parse(bytes.toString()) as CanonicalRecord;
  }

  async remove(): Promise<void> {
    await this.file.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const OF_PROCESS = /^datasets-(\d+)-/;

/**
 * Removes what processes that were killed have left in `parent`: production traffic must not stay on disk. To be called
 * before this process builds its first datasets.
 */
export async function removeLeftSpools(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const pid = Number(OF_PROCESS.exec(name)?.[1] ?? NaN);
    // A process of our own number is one that was before us: in containers numbers come again.
    if (pid === process.pid || isGone(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isGone(pid: number): boolean {
  if (Number.isNaN(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
