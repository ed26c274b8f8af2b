import { Router } from 'express';
import { z } from 'zod';
import { filesOf, hfNotFound, pathOf, repositoryOf, typeOf } from './hf-repository.js';
import { NAME, param } from './names.js';
import { parseBody } from './http-error.js';
import { pointerTo, type Repositories, type Repository, type RepositoryFile } from './repositories.js';

const RepositoryName = z.object({
  name: z.string().regex(NAME),
  organization: z.string().regex(NAME),
  type: z.enum(['dataset', 'model']).default('model'),
});

/** Creating, deleting, describing and listing repositories, below `/v1/hf`. */
export function repositoryRoutes(
  repositories: Repositories,
  ensureNamespace: (name: string) => void,
): Router {
  return Router()
    .post('/api/repos/create', (req, res) => {
      const { name, organization, type } = parseBody(RepositoryName, req.body);
      const id = `${organization}/${name}`;
      const url = pathOf({ type, id });
      if (repositories.find(type, id)) {
        // The clients read `url` from the refusal too, when an existing repository is fine with them.
        res.status(409).json({ error: `You already created this ${type} repo: ${id}`, url });
        return;
      }
      ensureNamespace(organization);
      repositories.create(type, id);
      res.json({ url, id, name: id });
    })
    .delete('/api/repos/delete', (req, res) => {
      const { name, organization, type } = parseBody(RepositoryName, req.body);
      const repository = repositories.find(type, `${organization}/${name}`);
      if (!repository)
        throw hfNotFound('RepoNotFound', `Repository ${type} ${organization}/${name} not found`);
      repositories.delete(repository);
      res.json({ deleted: true });
    })
    .get(['/api/:kind/:namespace/:name', '/api/:kind/:namespace/:name/revision/:revision'], (req, res) => {
      const repository = repositoryOf(req, repositories, typeOf(req));
      const files = filesOf(repositories, repository, param(req, 'revision') || 'main');
      res.json(describe(repository, param(req, 'revision'), files));
    })
    .get('/api/:kind/:namespace/:name/tree/:revision{/*path}', (req, res) => {
      const files = filesOf(
        repositories,
        repositoryOf(req, repositories, typeOf(req)),
        param(req, 'revision'),
      );
      const recursive = String(req.query['recursive']).toLowerCase() === 'true';
      res.json(treeBelow(files, param(req, 'path'), recursive));
    });
}

function describe(repository: Repository, revision: string, files: RepositoryFile[]) {
  return {
    id: repository.id,
    sha: repository.commits[revision] ? revision : repository.head,
    private: false,
    createdAt: repository.createdAt,
    lastModified: repository.createdAt,
    tags: [],
    downloads: 0,
    likes: 0,
    siblings: files.map(({ path }) => ({ rfilename: path })),
  };
}

function treeBelow(files: RepositoryFile[], folder: string, recursive: boolean) {
  const prefix = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`;
  const below = files.filter(({ path }) => path.startsWith(prefix));
  if (folder !== '' && below.length === 0) throw hfNotFound('EntryNotFound', `Folder ${folder} not found`);
  const direct = (path: string) => !path.slice(prefix.length).includes('/');
  const folders = [...new Set(below.flatMap(({ path }) => foldersOf(path)))].filter(
    (path) => path.length >= prefix.length && path.startsWith(prefix) && (recursive || direct(path)),
  );
  return [
    ...folders.map((path) => ({ type: 'directory', oid: '0'.repeat(40), size: 0, path })),
    ...below.filter(({ path }) => recursive || direct(path)).map(toEntry),
  ];
}

/** `a/b/c.jsonl` → `a`, `a/b`. */
const foldersOf = (path: string) =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

function toEntry({ path, size, oid, sha256, lfs }: RepositoryFile) {
  const pointer = { oid: sha256, size, pointerSize: pointerTo(sha256, size).length };
  return { type: 'file', oid, size, path, ...(lfs && { lfs: pointer }) };
}
