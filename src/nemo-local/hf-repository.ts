import type { Request } from 'express';
import { HttpError } from './http-error.js';
import { entityKey, param } from './names.js';
import type { Repositories, Repository, RepositoryFile, RepositoryType } from './repositories.js';

/** A 404 as the Hugging Face clients tell them apart: by the header `X-Error-Code`. */
export const hfNotFound = (
  code: 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound',
  message: string,
): HttpError => new HttpError(404, message, { 'X-Error-Code': code });

export function repositoryOf(req: Request, repositories: Repositories, type: RepositoryType): Repository {
  const id = entityKey(req);
  const repository = repositories.find(type, id);
  if (!repository) throw hfNotFound('RepoNotFound', `Repository ${type} ${id} not found`);
  return repository;
}

export function filesOf(
  repositories: Repositories,
  repository: Repository,
  revision: string,
): RepositoryFile[] {
  const files = repositories.files(repository, revision);
  if (!files) throw hfNotFound('RevisionNotFound', `Revision ${revision} of ${repository.id} not found`);
  return files;
}

/** `datasets` or `models` in an API path. */
export const typeOf = (req: Request): RepositoryType =>
  param(req, 'kind') === 'models' ? 'model' : 'dataset';

/** A repository's place below the host: datasets have a prefix, models none. Relative, as every client accepts it. */
export const pathOf = ({ type, id }: { type: RepositoryType; id: string }): string =>
  type === 'dataset' ? `datasets/${id}` : id;
