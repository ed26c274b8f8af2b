import { mkdir, mkdtemp, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CanonicalRecord } from '../records/canonical-record.js';
import type { Place, Stretch } from '../records/digests.js';
import { type Rest, recordOf } from '../records/spooled.js';

/** A private folder of one build, with files of records in it; gone after `remove`. */
export class Spool {
  readonly folder: string;
  /** By number. The threads that fill them make them. */
  readonly files: string[] = [];
  private readonly opened = new Map<number, Promise<FileHandle>>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(parent: string): Promise<Spool> {
    await mkdir(parent, { recursive: true, mode: 0o700 });
    return new Spool(await mkdtemp(join(parent, `datasets-${process.pid}-`)));
  }

  /** The path of a further file, which is not there yet. */
  addFile(): string {
    const path = join(this.folder, `records-${this.files.length}`);
    this.files.push(path);
    return path;
  }

  async read(place: Place): Promise<CanonicalRecord> {
    const { line, rest } = await this.lineAndRest(place);
    return recordOf(line, rest);
  }

  /** Under which name the store keeps the record. */
  async nameOf(place: Place): Promise<string> {
    return (await this.lineAndRest(place)).rest.storedAs;
  }

  private async lineAndRest({ file, offset, ownBytes, restBytes, opening }: Place) {
    const begin = opening ? (await this.bytesAt(opening)).toString() : '';
    const bytes = await this.bytesAt({ file, offset, bytes: ownBytes + restBytes });
    // Written by a reader thread of this process.
    const rest = JSON.parse(bytes.toString('utf8', ownBytes)) as Rest;
    return { line: begin + bytes.toString('utf8', 0, ownBytes), rest };
  }

  private async bytesAt({ file, offset, bytes: length }: Stretch): Promise<Buffer> {
    const handle = this.opened.get(file) ?? open(this.files[file] ?? '');
    this.opened.set(file, handle);
    const bytes = Buffer.alloc(length);
    await (await handle).read(bytes, 0, length, offset);
    return bytes;
  }

  async remove(): Promise<void> {
    for (const handle of this.opened.values()) await (await handle).close();
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
