import express, { Router } from 'express';
import { z } from 'zod';
import { pointerTo, treeIds } from './git-objects.js';
import { hfNotFound, repositoryOf, revisionOf } from './hf-repository.js';
import { parseBody, parseQuery } from './http-error.js';
import { param } from './names.js';
import type { Commit, Repositories, Repository } from './repositories.js';
import { foldersOf, type RepositoryFile } from './repository-files.js';

/** Python libraries up to 0.34 write `True`. */
const Flag = z
  .union([z.boolean(), z.string()])
  .optional()
  .transform((value) => String(value).toLowerCase() === 'true');
const TreeQuery = z.object({ recursive: Flag, expand: Flag });
const PathsInfo = z.object({
  paths: z.union([z.string().transform((path) => [path]), z.array(z.string())]).default([]),
  expand: Flag,
});

/** Files and folders of a revision, below `/v1/hf`. */
export function treeRoutes(repositories: Repositories): Router {
  return Router()
    .get('/api/:kind/:namespace/:name/tree/:revision{/*path}', (req, res) => {
      const repository = repositoryOf(req, repositories);
      const commit = revisionOf(req, repositories, repository);
      const { recursive, expand } = parseQuery(TreeQuery, req.query);
      const folder = param(req, 'path').replace(/\/$/, '');
      const entries = entriesOf(repository, commit, expand);
      const prefix = folder === '' ? '' : `${folder}/`;
      const below = entries.filter(({ path }) => path.startsWith(prefix));
      if (folder !== '' && below.length === 0)
        throw hfNotFound('EntryNotFound', `Folder ${folder} not found in ${repository.id}`);
      res.json(below.filter(({ path }) => recursive || !path.slice(prefix.length).includes('/')));
    })
    .post(
      '/api/:kind/:namespace/:name/paths-info/:revision',
      // The Python library sends a form, the JavaScript one JSON.
      express.urlencoded({ extended: false, limit: '10mb', parameterLimit: 100_000 }),
      (req, res) => {
        const repository = repositoryOf(req, repositories);
        const commit = revisionOf(req, repositories, repository);
        const { paths, expand } = parseBody(PathsInfo, req.body);
        const wanted = new Set(paths.map((path) => path.replace(/\/$/, '')));
        // What is not there is left out, not an error.
        res.json(entriesOf(repository, commit, expand).filter(({ path }) => wanted.has(path)));
      },
    );
}

/** All files and folders, folders first. */
function entriesOf(repository: Repository, commit: Commit, expand: boolean) {
  const lastCommit = (id: string) => expand && { lastCommit: summaryOf(repository.commits.get(id)) };
  const trees = treeIds(commit.files);
  const newest = newestChanges(repository, commit.files);
  const folders = [...newest].map(([path, changedIn]) => ({
    type: 'directory',
    oid: trees.get(path),
    size: 0,
    path,
    ...lastCommit(changedIn),
  }));
  const files = commit.files.map((file) => ({ ...toEntry(file), ...lastCommit(file.changedIn) }));
  return [...folders, ...files];
}

const summaryOf = (commit: Commit | undefined) =>
  commit && { id: commit.id, title: commit.title, date: commit.date };

/** The commit that last changed something in a folder, by folder. */
function newestChanges({ commits }: Repository, files: readonly RepositoryFile[]): Map<string, string> {
  const dateOf = (id: string | undefined) => commits.get(id ?? '')?.date ?? '';
  const newest = new Map<string, string>();
  for (const { path, changedIn } of files) {
    for (const folder of foldersOf(path)) {
      if (dateOf(changedIn) >= dateOf(newest.get(folder))) newest.set(folder, changedIn);
    }
  }
  return newest;
}

function toEntry({ path, size, oid, sha256, lfs }: RepositoryFile) {
  const pointer = { oid: sha256, size, pointerSize: pointerTo(sha256, size).length };
  return { type: 'file', oid, size, path, ...(lfs && { lfs: pointer }) };
}
