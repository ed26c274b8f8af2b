import type { ErrorRequestHandler, Request } from 'express';
import { z } from 'zod';
import { HttpError, toHttpError } from './http-error.js';
import { entityKey, param } from './names.js';
import type { Commit, Repositories, Repository, RepositoryType } from './repositories.js';

type MissingCode = 'RepoNotFound' | 'RevisionNotFound' | 'EntryNotFound';

/** A 404 as the Hugging Face libraries tell them apart: by the header `X-Error-Code`. */
export const hfNotFound = (code: MissingCode, message: string): HttpError =>
  new HttpError(404, message, { 'X-Error-Code': code });

/** Writes errors with the member `error`, which the Hugging Face libraries read, beside FastAPI's `detail`. */
export const answerHfErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, detail, headers } = toHttpError(error);
  res
    .status(status)
    .set(headers)
    .json({ error: inWords(detail), detail });
};

const WrongFields = z.array(z.looseObject({ loc: z.array(z.unknown()), msg: z.string() }));

/** The libraries show `error` to people. */
function inWords(detail: unknown): string {
  const { data: wrong } = WrongFields.safeParse(detail);
  return wrong?.map(({ loc, msg }) => `${loc.slice(1).join('.')}: ${msg}`).join('; ') ?? String(detail);
}

/** The repository that a path names by `:namespace/:name`, of the given type or of the path's `:kind`. */
export function repositoryOf(
  req: Request,
  repositories: Repositories,
  type: RepositoryType = typeOf(req),
): Repository {
  const id = entityKey(req);
  const repository = repositories.find(type, id);
  if (!repository) throw hfNotFound('RepoNotFound', `Repository ${type} ${id} not found`);
  return repository;
}

/** What the path's `:revision` names, by default the main branch. */
export function revisionOf(req: Request, repositories: Repositories, repository: Repository): Commit {
  const name = param(req, 'revision') || 'main';
  const commit = repositories.revision(repository, name);
  if (!commit) throw hfNotFound('RevisionNotFound', `Revision ${name} of ${repository.id} not found`);
  return commit;
}

/** `datasets` or `models` in an API path; the data store has nothing else. */
export function typeOf(req: Request): RepositoryType {
  const kind = param(req, 'kind');
  if (kind === 'datasets') return 'dataset';
  if (kind === 'models') return 'model';
  throw hfNotFound('RepoNotFound', `There are no ${kind} here, only datasets and models`);
}

/** A repository's place below the host: datasets have a prefix, models none. Relative, as every library accepts it. */
export const pathOf = ({ type, id }: { type: RepositoryType; id: string }): string =>
  type === 'dataset' ? `datasets/${id}` : id;

/** The address of another page of the list that was asked for. */
export function pageUrl(req: Request, page: number): string {
  const url = new URL(`${req.protocol}://${req.get('host')}${req.originalUrl}`);
  url.searchParams.set('p', String(page));
  return url.href;
}
