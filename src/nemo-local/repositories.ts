import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from './collection.js';
import { commitId, treeIds } from './git-objects.js';
import { applyChanges, type Change, type RepositoryFile } from './repository-files.js';
import { readRepository } from './repository-reader.js';

export type RepositoryType = 'dataset' | 'model';

export interface Commit {
  id: string;
  parents: string[];
  /** First line of the message. */
  title: string;
  message: string;
  /** ISO-8601 */
  date: string;
  files: RepositoryFile[];
}

export interface Repository {
  type: RepositoryType;
  /** `<namespace>/<name>` */
  id: string;
  createdAt: string;
  /** Commit id by name. */
  branches: Record<string, string>;
  tags: Record<string, string>;
  commits: Map<string, Commit>;
}

export interface CommitMessage {
  title: string;
  description?: string;
}

/** The data store's repositories: one folder each, with its refs, its commits and the bytes of all its files. */
export interface Repositories {
  find(type: RepositoryType, id: string): Repository | undefined;
  all(): Repository[];
  create(type: RepositoryType, id: string): Repository;
  /** Gives a repository another id; its history goes with it. */
  move(repository: Repository, id: string): void;
  delete(repository: Repository): void;
  /** Applies all changes to a branch or none. Throws when a file to delete or content to link is not there. */
  commit(repository: Repository, branch: string, changes: Change[], message: CommitMessage): Commit;
  /** Points a branch or tag at a commit, or removes it. */
  setRef(repository: Repository, kind: 'branches' | 'tags', name: string, commit: string | null): void;
  /** What a branch, tag, `HEAD` or commit id names; undefined when there is no such revision. */
  revision(repository: Repository, revision: string): Commit | undefined;
  /** The files of a revision. */
  files(repository: Repository, revision: string): RepositoryFile[] | undefined;
  /** Folder of the stored bytes, each file named by its SHA-256. */
  blobFolder(repository: Repository): string;
}

export function openRepositories(root: string): Repositories {
  // Ids are checked names, so that they are safe as folders.
  const folderOf = ({ type, id }: { type: RepositoryType; id: string }) => join(root, type, id);
  const blobFolder = (repository: Repository) => join(folderOf(repository), 'blobs');
  const repositories = readAll(root, folderOf);
  const saveRefs = (repository: Repository) => {
    const { createdAt, branches, tags } = repository;
    writeWhole(join(folderOf(repository), 'refs.json'), JSON.stringify({ createdAt, branches, tags }));
  };
  const addCommit = (repository: Repository, branch: string, commit: Commit): Commit => {
    // The commit first: a kill in between leaves one that nobody names.
    writeWhole(join(folderOf(repository), 'commits', `${commit.id}.json`), JSON.stringify(commit));
    repository.commits.set(commit.id, commit);
    repository.branches[branch] = commit.id;
    saveRefs(repository);
    return commit;
  };

  return {
    blobFolder,
    find: (type, id) => repositories.get(`${type}/${id}`),
    all: () => [...repositories.values()],
    create(type, id) {
      const repository = emptyRepository(type, id);
      clear(folderOf(repository));
      addCommit(repository, 'main', toCommit([], [], { title: 'initial commit' }));
      repositories.set(`${type}/${id}`, repository);
      return repository;
    },
    move(repository, id) {
      const target = folderOf({ type: repository.type, id });
      mkdirSync(dirname(target), { recursive: true });
      rmSync(target, { recursive: true, force: true });
      renameSync(folderOf(repository), target);
      repositories.delete(`${repository.type}/${repository.id}`);
      repository.id = id;
      repositories.set(`${repository.type}/${id}`, repository);
    },
    delete(repository) {
      repositories.delete(`${repository.type}/${repository.id}`);
      // Without its refs a folder is no repository: a kill in between leaves none that lacks files.
      rmSync(join(folderOf(repository), 'refs.json'), { force: true });
      rmSync(folderOf(repository), { recursive: true, force: true });
    },
    commit(repository, branch, changes, message) {
      const head = repository.branches[branch];
      const before = head === undefined ? undefined : repository.commits.get(head);
      const files = applyChanges(before?.files ?? [], changes, blobFolder(repository));
      return addCommit(repository, branch, toCommit(files, before ? [before.id] : [], message));
    },
    setRef(repository, kind, name, commit) {
      if (commit === null) delete repository[kind][name];
      else repository[kind][name] = commit;
      saveRefs(repository);
    },
    revision: findRevision,
    files: (repository, revision) => findRevision(repository, revision)?.files,
  };
}

/** An empty folder of a repository, without what a kill has left of an earlier one that was being made or deleted. */
function clear(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['blobs', 'commits']) mkdirSync(join(folder, part), { recursive: true });
}

const emptyRepository = (type: RepositoryType, id: string): Repository => ({
  type,
  id,
  createdAt: new Date().toISOString(),
  branches: {},
  tags: {},
  commits: new Map(),
});

function findRevision({ branches, tags, commits }: Repository, revision: string): Commit | undefined {
  const name = revision === 'HEAD' ? 'main' : revision.replace(/^refs\/(heads|tags)\//, '');
  const named = [branches, tags].find((refs) => Object.hasOwn(refs, name))?.[name];
  return commits.get(named ?? revision);
}

/** Makes a commit with the id that git would give it; files that are new in it are marked with that id. */
function toCommit(files: RepositoryFile[], parents: string[], { title, description }: CommitMessage): Commit {
  const date = new Date();
  const message = description ? `${title}\n\n${description}` : title;
  const id = commitId({ tree: treeIds(files).get('') ?? '', parents, message, date });
  const marked = files.map((file) => (file.changedIn === '' ? { ...file, changedIn: id } : file));
  return { id, parents, title, message, date: date.toISOString(), files: marked };
}

function readAll(
  root: string,
  folderOf: (at: { type: RepositoryType; id: string }) => string,
): Map<string, Repository> {
  const found = (['dataset', 'model'] as const).flatMap((type) => {
    const folder = join(root, type);
    mkdirSync(folder, { recursive: true });
    const ids = readdirSync(folder).flatMap((namespace) =>
      readdirSync(join(folder, namespace)).map((name) => `${namespace}/${name}`),
    );
    return ids
      .filter((id) => existsSync(join(folderOf({ type, id }), 'refs.json')))
      .map((id) => ({ type, id, ...readRepository(folderOf({ type, id })) }));
  });
  return new Map(found.map((repository) => [`${repository.type}/${repository.id}`, repository]));
}
