import { Router } from 'express';
import { z } from 'zod';
import { RepositoryFileBody } from './hf-commits.js';
import { hfNotFound, pathOf } from './hf-repository.js';
import { NAME } from './names.js';
import { HttpError, parseBody } from './http-error.js';
import type { Repositories, Repository } from './repositories.js';

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

/** The JavaScript library can create a repository with its first files. */
const FirstFiles = z.object({ files: z.array(RepositoryFileBody).default([]) });

const Move = z.object({ fromRepo: Id, toRepo: Id, type: Type });

/** Creating, moving and deleting repositories, below `/v1/hf`. */
export function repositoryRoutes(
  repositories: Repositories,
  ensureNamespace: (name: string) => void,
): Router {
  return Router()
    .post('/api/repos/create', (req, res) => {
      const wanted = parseBody(RepositoryName, req.body);
      const { files } = parseBody(FirstFiles, req.body);
      const url = pathOf(wanted);
      // The libraries read `url` from the refusal too, when an existing repository is fine with them.
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
    });
}

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
