import { Router } from 'express';
import { z } from 'zod';
import { COMMITTER } from './git-objects.js';
import { hfNotFound, pageUrl, repositoryOf, revisionOf } from './hf-repository.js';
import { HttpError, parseBody, parseQuery } from './http-error.js';
import { param } from './names.js';
import type { Commit, Repositories, Repository } from './repositories.js';

/** A branch or tag as git allows it, as far as anybody uses it. */
const REF_NAME = /^(?![/.-])(?!.*(\.\.|\/\/|\/\.))[\w.@+/-]{1,200}(?<![/.])$/;

const RefName = z.string().regex(REF_NAME, 'not a valid name of a branch or tag');
const NewBranch = z.object({ startingPoint: z.string().nullish(), overwrite: z.boolean().nullish() });
const NewTag = z.object({ tag: RefName });
const Page = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  p: z.coerce.number().int().min(0).default(0),
});

const REPOSITORY = '/api/:kind/:namespace/:name';

/** Branches, tags and history, below `/v1/hf`. */
export function refRoutes(repositories: Repositories): Router {
  return Router()
    .get(`${REPOSITORY}/refs`, (req, res) => {
      const { branches, tags } = repositoryOf(req, repositories);
      res.json({
        branches: listOf(branches, 'heads'),
        converts: [],
        tags: listOf(tags, 'tags'),
        pullRequests: [],
      });
    })
    .post(`${REPOSITORY}/branch/:branch`, (req, res) => {
      const repository = repositoryOf(req, repositories);
      const { startingPoint, overwrite } = parseBody(NewBranch, req.body);
      const branch = parseBody(RefName, param(req, 'branch'));
      const start = repositories.revision(repository, startingPoint ?? 'main');
      if (!start)
        throw hfNotFound('RevisionNotFound', `Revision ${startingPoint} of ${repository.id} not found`);
      if (!overwrite) refuseExisting(repository, 'branches', branch);
      repositories.setRef(repository, 'branches', branch, start.id);
      res.status(201).json({});
    })
    .delete(`${REPOSITORY}/branch/:branch`, (req, res) => {
      const branch = param(req, 'branch');
      if (branch === 'main') throw new HttpError(403, 'the main branch cannot be deleted');
      removeRef(repositories, repositoryOf(req, repositories), 'branches', branch);
      res.json({});
    })
    .post(`${REPOSITORY}/tag/:revision`, (req, res) => {
      const repository = repositoryOf(req, repositories);
      const commit = revisionOf(req, repositories, repository);
      const { tag } = parseBody(NewTag, req.body);
      refuseExisting(repository, 'tags', tag);
      repositories.setRef(repository, 'tags', tag, commit.id);
      res.status(201).json({});
    })
    .delete(`${REPOSITORY}/tag/:tag`, (req, res) => {
      removeRef(repositories, repositoryOf(req, repositories), 'tags', param(req, 'tag'));
      res.json({});
    })
    .get(`${REPOSITORY}/commits/:revision`, (req, res) => {
      const repository = repositoryOf(req, repositories);
      const history = historyOf(repository, revisionOf(req, repositories, repository));
      const { limit, p } = parseQuery(Page, req.query);
      if ((p + 1) * limit < history.length) res.links({ next: pageUrl(req, p + 1) });
      res.set('X-Total-Count', String(history.length));
      res.json(history.slice(p * limit, (p + 1) * limit).map(toWire));
    });
}

const listOf = (refs: Record<string, string>, kind: 'heads' | 'tags') =>
  Object.entries(refs).map(([name, targetCommit]) => ({ name, ref: `refs/${kind}/${name}`, targetCommit }));

function refuseExisting(repository: Repository, kind: 'branches' | 'tags', name: string): void {
  if (Object.hasOwn(repository[kind], name)) throw new HttpError(409, `Reference already exists: ${name}`);
}

function removeRef(
  repositories: Repositories,
  repository: Repository,
  kind: 'branches' | 'tags',
  name: string,
): void {
  if (!Object.hasOwn(repository[kind], name))
    throw hfNotFound('RevisionNotFound', `${name} of ${repository.id} not found`);
  repositories.setRef(repository, kind, name, null);
}

/** A commit and all before it, newest first. */
function historyOf({ commits }: Repository, newest: Commit): Commit[] {
  const history: Commit[] = [];
  for (let at: Commit | undefined = newest; at; at = commits.get(at.parents[0] ?? '')) history.push(at);
  return history;
}

const toWire = ({ id, title, message, date }: Commit) => {
  const description = message.slice(title.length).trimStart();
  return {
    id,
    title,
    message: description,
    date,
    authors: [{ user: COMMITTER.user, avatar: '' }],
    // No Markdown is rendered here: the formatted text is the text.
    formatted: { title, message: description },
  };
};
