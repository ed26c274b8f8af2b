import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { CanonicalRecord } from '../records/canonical-record.js';
import type { Place, Stretch } from '../records/digests.js';
import { type Rest, recordOf } from '../records/spooled.js';
import { PrivateFolder } from './private-folder.js';

/** A private folder of one build, with files of records in it; gone after `remove`. */
export class Spool {
  private readonly own: PrivateFolder;
  /** By number. The threads that fill them make them. */
  readonly files: string[] = [];
  private readonly opened = new Map<number, Promise<FileHandle>>();

  private constructor(own: PrivateFolder) {
    this.own = own;
  }

  static async create(parent: string): Promise<Spool> {
    return new Spool(await PrivateFolder.create(parent));
  }

  get folder(): string {
    return this.own.path;
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

  private async lineAndRest({ file, opening, history, own, restBytes }: Place) {
    const begin = [await this.bytesAt(file, opening), await this.bytesAt(file, history)];
    const bytes = await this.bytesAt(file, { ...own, bytes: own.bytes + restBytes });
    // Written by a reader thread of this process.
    const rest = JSON.parse(bytes.toString('utf8', own.bytes)) as Rest;
    return { line: Buffer.concat([...begin, bytes.subarray(0, own.bytes)]).toString(), rest };
  }

  private async bytesAt(file: number, { offset, bytes: length }: Stretch): Promise<Buffer> {
    const handle = this.opened.get(file) ?? open(this.files[file] ?? '');
    this.opened.set(file, handle);
    const bytes = Buffer.alloc(length);
    await (await handle).read(bytes, 0, length, offset);
    return bytes;
  }

  /** Whatever became of its files. */
  async remove(): Promise<void> {
    const closing = [...this.opened.values()].map(async (handle) => (await handle).close());
    await Promise.allSettled(closing);
    await this.own.remove();
  }
}
