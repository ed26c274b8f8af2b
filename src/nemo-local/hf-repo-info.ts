import { Router } from 'express';
import { z } from 'zod';
import { pointerTo } from './git-objects.js';
import { pageUrl, repositoryOf, revisionOf, typeOf } from './hf-repository.js';
import { parseQuery } from './http-error.js';
import type { Commit, Repositories, Repository } from './repositories.js';
import type { RepositoryFile } from './repository-files.js';

/** Listing and describing repositories, below `/v1/hf`. */
export function repositoryInfoRoutes(repositories: Repositories): Router {
  return Router()
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

/** `files_metadata` of the Python library: `blobs=True` in old versions. */
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

/** What the libraries' info types need; nobody likes, downloads or gates anything here. */
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
