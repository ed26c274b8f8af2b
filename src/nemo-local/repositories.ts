import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './collection.js';

export type RepositoryType = 'dataset' | 'model';

/** One file of a revision. `oid` is git's object id, `sha256` names the stored bytes. */
export interface RepositoryFile {
  path: string;
  size: number;
  oid: string;
  sha256: string;
  lfs: boolean;
}

export interface Repository {
  type: RepositoryType;
  /** `<namespace>/<name>` */
  id: string;
  createdAt: string;
  head: string;
  commits: Record<string, RepositoryFile[]>;
}

/** What one commit does; large files must have been stored before. */
export type Change =
  | { kind: 'write'; path: string; content: Buffer }
  | { kind: 'link'; path: string; sha256: string }
  | { kind: 'delete-file'; path: string }
  | { kind: 'delete-folder'; path: string };

/** A change names a file that the repository does not hold. */
export class MissingFileError extends Error {
  override readonly name = 'MissingFileError';
}

/** The data store's repositories: one folder each, with its document and the bytes of all its files. */
export interface Repositories {
  find(type: RepositoryType, id: string): Repository | undefined;
  all(): Repository[];
  create(type: RepositoryType, id: string): Repository;
  delete(repository: Repository): void;
  /** Applies all changes or none; returns the new head. Throws when a file to delete or content to link is not there. */
  commit(repository: Repository, changes: Change[]): string;
  /** Files of a branch (`main`, `HEAD`) or a commit; undefined when there is no such revision. */
  files(repository: Repository, revision: string): RepositoryFile[] | undefined;
  /** Folder of the stored bytes, each file named by its SHA-256. */
  blobFolder(repository: Repository): string;
}

export function openRepositories(root: string): Repositories {
  mkdirSync(root, { recursive: true });
  const folderOf = (type: RepositoryType, id: string) => join(root, encodeURIComponent(`${type}/${id}`));
  const blobFolder = ({ type, id }: Repository) => join(folderOf(type, id), 'blobs');
  const repositories = readAll(root);
  const save = (repository: Repository) =>
    writeWhole(join(folderOf(repository.type, repository.id), 'repository.json'), JSON.stringify(repository));

  return {
    blobFolder,
    find: (type, id) => repositories.get(`${type}/${id}`),
    all: () => [...repositories.values()],
    create(type, id) {
      const head = newCommitId();
      const repository = { type, id, createdAt: new Date().toISOString(), head, commits: { [head]: [] } };
      mkdirSync(blobFolder(repository), { recursive: true });
      repositories.set(`${type}/${id}`, repository);
      save(repository);
      return repository;
    },
    delete(repository) {
      repositories.delete(`${repository.type}/${repository.id}`);
      rmSync(folderOf(repository.type, repository.id), { recursive: true, force: true });
    },
    commit(repository, changes) {
      const files = new Map(repository.commits[repository.head]?.map((file) => [file.path, file]));
      for (const change of changes) apply(change, files, blobFolder(repository));
      repository.head = newCommitId();
      repository.commits[repository.head] = [...files.values()];
      save(repository);
      return repository.head;
    },
    files: (repository, revision) =>
      repository.commits[revision === 'main' || revision === 'HEAD' ? repository.head : revision],
  };
}

function readAll(root: string): Map<string, Repository> {
  const documents = readdirSync(root)
    .map((folder) => join(root, folder, 'repository.json'))
    .filter((path) => existsSync(path))
    // Only `save` writes these documents.
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Repository);
  return new Map(documents.map((repository) => [`${repository.type}/${repository.id}`, repository]));
}

const newCommitId = () => createHash('sha1').update(randomUUID()).digest('hex');

function apply(change: Change, files: Map<string, RepositoryFile>, blobs: string): void {
  switch (change.kind) {
    case 'write':
      files.set(change.path, writeBlob(change.path, change.content, blobs));
      return;
    case 'link':
      files.set(change.path, linkBlob(change.path, change.sha256, blobs));
      return;
    case 'delete-file':
      if (!files.delete(change.path)) throw new MissingFileError(`there is no file ${change.path} to delete`);
      return;
    case 'delete-folder': {
      const prefix = `${change.path.replace(/\/$/, '')}/`;
      for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
    }
  }
}

function writeBlob(path: string, content: Buffer, blobs: string): RepositoryFile {
  const sha256 = createHash('sha256').update(content).digest('hex');
  writeFileSync(join(blobs, sha256), content);
  return { path, size: content.length, oid: gitObjectId(content), sha256, lfs: false };
}

function linkBlob(path: string, sha256: string, blobs: string): RepositoryFile {
  const blob = join(blobs, sha256);
  if (!existsSync(blob)) throw new Error(`the content ${sha256} of ${path} was not uploaded`);
  const { size } = statSync(blob);
  return { path, size, oid: gitObjectId(Buffer.from(pointerTo(sha256, size))), sha256, lfs: true };
}

const gitObjectId = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');

/** The text that git keeps in place of a large file. */
export const pointerTo = (sha256: string, size: number): string =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
