import { createHash, randomUUID } from 'node:crypto';
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blobId, pointerTo } from './git-objects.js';

/** One file of a revision. `oid` is git's object id, `sha256` names the stored bytes. */
export interface RepositoryFile {
  path: string;
  size: number;
  oid: string;
  sha256: string;
  lfs: boolean;
  /** The commit that last changed it; empty until that commit is made. */
  changedIn: string;
}

/** What one commit does; large files must have been stored before. */
export type Change =
  | { kind: 'write'; path: string; content: Buffer }
  | { kind: 'link'; path: string; sha256: string }
  | { kind: 'delete-file'; path: string }
  | { kind: 'delete-folder'; path: string };

/** A change names a file or folder that the repository does not hold. */
export class MissingFileError extends Error {
  override readonly name = 'MissingFileError';
}

/** The files after all changes. Throws, with nothing but content written, when one of them cannot be made. */
export function applyChanges(
  before: readonly RepositoryFile[],
  changes: readonly Change[],
  blobs: string,
): RepositoryFile[] {
  const files = new Map(before.map((file) => [file.path, file]));
  for (const change of changes) apply(change, files, blobs);
  refuseClashes([...files.keys()]);
  return [...files.values()];
}

/** `a/b/c.jsonl` → `a`, `a/b`. */
export const foldersOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

/** A path is a file or a folder, never both. */
function refuseClashes(paths: string[]): void {
  const folders = new Set(paths.flatMap(foldersOf));
  const clash = paths.find((path) => folders.has(path));
  if (clash !== undefined) throw new Error(`${clash} would be a file and a folder`);
}

/** The file that is there when its content does not change: then no commit has changed it. */
function unlessSame(files: ReadonlyMap<string, RepositoryFile>, file: RepositoryFile): RepositoryFile {
  const before = files.get(file.path);
  return before?.oid === file.oid ? before : file;
}

function apply(change: Change, files: Map<string, RepositoryFile>, blobs: string): void {
  switch (change.kind) {
    case 'write':
      files.set(change.path, unlessSame(files, writeBlob(change.path, change.content, blobs)));
      return;
    case 'link':
      files.set(change.path, unlessSame(files, linkBlob(change.path, change.sha256, blobs)));
      return;
    case 'delete-file':
      if (!files.delete(change.path)) throw new MissingFileError(`there is no file ${change.path} to delete`);
      return;
    case 'delete-folder':
      deleteFolder(change.path, files);
  }
}

function deleteFolder(folder: string, files: Map<string, RepositoryFile>): void {
  // The slash at its end keeps namesakes apart: `a` is not `ab/`.
  const prefix = `${folder.replace(/\/$/, '')}/`;
  const inside = [...files.keys()].filter((path) => path.startsWith(prefix));
  if (inside.length === 0) throw new MissingFileError(`there is no folder ${folder} to delete`);
  for (const path of inside) files.delete(path);
}

function writeBlob(path: string, content: Buffer, blobs: string): RepositoryFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (!existsSync(join(blobs, sha256))) {
    const partial = join(blobs, `${randomUUID()}.part`);
    writeFileSync(partial, content);
    renameSync(partial, join(blobs, sha256));
  }
  return { path, size: content.length, oid: blobId(content), sha256, lfs: false, changedIn: '' };
}

function linkBlob(path: string, sha256: string, blobs: string): RepositoryFile {
  const blob = join(blobs, sha256);
  if (!existsSync(blob)) throw new Error(`the content ${sha256} of ${path} was not uploaded`);
  const { size } = statSync(blob);
  return { path, size, oid: blobId(Buffer.from(pointerTo(sha256, size))), sha256, lfs: true, changedIn: '' };
}
