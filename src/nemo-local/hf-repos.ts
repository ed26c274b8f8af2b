import { Router } from 'express';
import { z } from 'zod';
import { RepositoryFileBody } from './hf-commits.js';
import { hfNotFound, pageUrl, pathOf, repositoryOf, revisionOf, typeOf } from './hf-repository.js';
import { NAME } from './names.js';
import { HttpError, parseBody, parseQuery } from './http-error.js';
import { pointerTo } from './git-objects.js';
import type { Commit, Repositories, Repository } from './repositories.js';
import type { RepositoryFile } from './repository-files.js';

const Type = z
  .enum(['dataset', 'model'])
  .nullish()
  .transform((type) => type ?? 'model');
const Id = z.string().regex(/^[^/]+\/[^/]+$/, 'expected namespace/name');

const RepositoryName = z
  .object({
    name: z.string(),
    organization: z.string().nullish(),
    type: Type,
  })
  .transform(({ name, organization, type }) => ({
    type,
    id: organization ? `${organization}/${name}` : name,
  }))
  .pipe(z.object({ type: z.enum(['dataset', 'model']), id: Id }));

/** The JavaScript client can create a repository with its first files. */
const FirstFiles = z.object({ files: z.array(RepositoryFileBody).default([]) });

const Move = z.object({ fromRepo: Id, toRepo: Id, type: Type });

/** Creating, moving, deleting, listing and describing repositories, below `/v1/hf`. */
export function repositoryRoutes(
  repositories: Repositories,
  ensureNamespace: (name: string) => void,
): Router {
  return Router()
    .post('/api/repos/create', (req, res) => {
      const wanted = parseBody(RepositoryName, req.body);
      const { files } = parseBody(FirstFiles, req.body);
      const url = pathOf(wanted);
      // The clients read `url` from the refusal too, when an existing repository is fine with them.
      if (repositories.find(wanted.type, wanted.id))
        return void res.status(409).json({ ...exists(wanted), url });
      ensureNamespace(checkedNamespace(wanted.id));
      const repository = repositories.create(wanted.type, wanted.id);
      const writes = files.map(({ path, content, encoding }) => ({
        kind: 'write' as const,
        path,
        content: Buffer.from(content, encoding),
      }));
      if (writes.length > 0) repositories.commit(repository, 'main', writes, { title: 'Add first files' });
      res.json({ url, id: wanted.id, name: wanted.id });
    })
    .post('/api/repos/move', (req, res) => {
      const { fromRepo, toRepo, type } = parseBody(Move, req.body);
      const repository = found(repositories, { type, id: fromRepo });
      const target = { type, id: toRepo };
      if (repositories.find(type, toRepo))
        return void res.status(409).json({ ...exists(target), url: pathOf(target) });
      ensureNamespace(checkedNamespace(toRepo));
      repositories.move(repository, toRepo);
      res.json({ url: pathOf(target) });
    })
    .delete('/api/repos/delete', (req, res) => {
      repositories.delete(found(repositories, parseBody(RepositoryName, req.body)));
      res.json({ deleted: true });
    })
    .get('/api/:kind', (req, res) => {
      const type = typeOf(req);
      const asked = parseQuery(Asked, req.query);
      const listed = repositories
        .all()
        .filter((repository) => repository.type === type && fits(repository, asked));
      const { limit = listed.length, p, expand } = asked;
      if ((p + 1) * limit < listed.length) res.links({ next: pageUrl(req, p + 1) });
      res.json(
        listed.slice(p * limit, (p + 1) * limit).map((repository) => {
          const commit = headOf(repository);
          const siblings = commit?.files.map((file) => siblingOf(file, false));
          return { ...summaryOf(repository, commit), ...(expand.includes('siblings') && { siblings }) };
        }),
      );
    })
    .get('/api/:kind/:namespace/:name/auth-check{/write}', (req, res) => {
      // Nothing is private here: whoever asks may.
      repositoryOf(req, repositories);
      res.json({});
    })
    .get(['/api/:kind/:namespace/:name', '/api/:kind/:namespace/:name/revision/:revision'], (req, res) => {
      const repository = repositoryOf(req, repositories);
      const commit = revisionOf(req, repositories, repository);
      const { blobs } = parseQuery(Details, req.query);
      const siblings = commit.files.map((file) => siblingOf(file, blobs));
      res.json({ ...summaryOf(repository, commit), siblings });
    });
}

/** `files_metadata` of the Python client: `blobs=True` in old versions. */
const Details = z.object({
  blobs: z
    .string()
    .optional()
    .transform((blobs) => /^(true|1)$/i.test(blobs ?? '')),
});

const siblingOf = ({ path, size, oid, sha256, lfs }: RepositoryFile, blobs: boolean) => ({
  rfilename: path,
  ...(blobs && { size, blobId: oid }),
  ...(blobs && lfs && { lfs: { sha256, size, pointerSize: pointerTo(sha256, size).length } }),
});

/** The namespace of an id whose two parts are names. */
function checkedNamespace(id: string): string {
  const [namespace = '', name = ''] = id.split('/');
  if (NAME.test(namespace) && NAME.test(name)) return namespace;
  throw new HttpError(422, `${id} is not a valid repository id`);
}

const exists = ({ type, id }: Pick<Repository, 'type' | 'id'>) => ({
  error: `You already created this ${type} repo: ${id}`,
});

function found(repositories: Repositories, { type, id }: Pick<Repository, 'type' | 'id'>): Repository {
  const repository = repositories.find(type, id);
  if (!repository) throw hfNotFound('RepoNotFound', `Repository ${type} ${id} not found`);
  return repository;
}

const Asked = z.object({
  author: z.string().optional(),
  search: z.string().optional(),
  limit: z.coerce.number().int().min(1).optional(),
  /** The page, from 0. */
  p: z.coerce.number().int().min(0).default(0),
  expand: z.union([z.string().transform((field) => [field]), z.array(z.string())]).default([]),
});

const fits = (
  { id }: Repository,
  { author, search = '' }: Pick<z.infer<typeof Asked>, 'author' | 'search'>,
) => (author === undefined || id.startsWith(`${author}/`)) && id.toLowerCase().includes(search.toLowerCase());

const headOf = ({ branches, commits }: Repository) => commits.get(branches['main'] ?? '');

/** What the clients' info types need; nobody likes, downloads or gates anything here. */
const summaryOf = ({ type, id, createdAt }: Repository, commit: Commit | undefined) => ({
  _id: `${type}/${id}`,
  id,
  ...(type === 'model' && { modelId: id }),
  author: id.split('/')[0],
  sha: commit?.id,
  private: false,
  gated: false,
  disabled: false,
  createdAt,
  lastModified: commit?.date ?? createdAt,
  tags: [],
  downloads: 0,
  likes: 0,
});
