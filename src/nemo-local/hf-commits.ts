import express, { Router, type Request } from 'express';
import ignore from 'ignore';
import { z } from 'zod';
import { messageOf } from '../message-of.js';
import { hfNotFound, pathOf, repositoryOf, revisionOf } from './hf-repository.js';
import { HttpError, parseBody } from './http-error.js';
import { param } from './names.js';
import type { Repositories, Repository } from './repositories.js';
import { MissingFileError, type Change } from './repository-files.js';

const REGULAR_BELOW_BYTES = 10_000_000;

const REPOSITORY = '/api/:kind/:namespace/:name';

/** Preupload and commit, below `/v1/hf`. */
export function commitRoutes(repositories: Repositories): Router {
  // Content of any size travels base64-encoded in the commit of libraries that cannot use LFS.
  const wholeBody = express.raw({ type: () => true, limit: '2gb' });
  return Router()
    .post(`${REPOSITORY}/preupload/:revision`, (req, res) => {
      revisionOf(req, repositories, repositoryOf(req, repositories));
      const { files, gitIgnore } = parseBody(Preupload, req.body);
      const ignored = ignore().add(gitIgnore ?? '');
      const uploadMode = (size: number) =>
        size < REGULAR_BELOW_BYTES || needsRegular(req) ? 'regular' : 'lfs';
      res.json({
        files: files.map(({ path, size }) => ({
          path,
          uploadMode: uploadMode(size),
          shouldIgnore: ignored.ignores(path),
        })),
      });
    })
    .post(`${REPOSITORY}/commit/:revision`, wholeBody, (req, res) => {
      const repository = repositoryOf(req, repositories);
      if (String(req.query['create_pr'] ?? '0') !== '0')
        throw new HttpError(400, 'The data store has no pull requests: commit without create_pr');
      const oid = commit(repositories, repository, branchOf(req, repositories, repository), req.body);
      res.json({
        success: true,
        commitOid: oid,
        commitUrl: `${pathOf(repository)}/commit/${oid}`,
        hookOutput: '',
      });
    });
}

/** From 1.20 the Python library uploads large files by Xet or not at all; asked for `regular` it sends them in the commit. */
function needsRegular(req: Request): boolean {
  const version = /hf_hub\/(\d+)\.(\d+)/.exec(req.get('user-agent') ?? '');
  if (!version) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 1 || (major === 1 && minor >= 20);
}

/** Only branches grow: tags and commits name what is done. */
function branchOf(req: Request, repositories: Repositories, repository: Repository): string {
  revisionOf(req, repositories, repository);
  const revision = param(req, 'revision');
  const branch = revision === 'HEAD' ? 'main' : revision.replace(/^refs\/heads\//, '');
  if (Object.hasOwn(repository.branches, branch)) return branch;
  throw new HttpError(400, `${revision} of ${repository.id} is not a branch`);
}

/** Written by callers on every operating system; a path never leaves the repository. */
const FilePath = z
  .string()
  .regex(/^(?!\/)(?!(.*\/)?(\.{1,2}|\.git)(\/|$))(?!.*\/\/)[^\0]+$/, 'not a valid path in a repository');

const Preupload = z.object({
  files: z.array(z.object({ path: FilePath, size: z.number().int().min(0) })),
  /** The text of the uploaded folder's `.gitignore`. */
  gitIgnore: z.string().nullish(),
});

const At = z.object({ path: FilePath });
export const RepositoryFileBody = At.extend({
  content: z.string(),
  encoding: z.enum(['base64', 'utf-8']).default('base64'),
});
const LfsFile = At.extend({ oid: z.string().regex(/^[0-9a-f]{64}$/) });
const Header = z.object({
  summary: z.string().nullish(),
  description: z.string().nullish(),
  parentCommit: z.string().nullish(),
});
const Line = z.discriminatedUnion('key', [
  z.object({ key: z.literal('header'), value: Header }),
  z.object({ key: z.literal('file'), value: RepositoryFileBody }),
  z.object({ key: z.literal('lfsFile'), value: LfsFile }),
  z.object({ key: z.literal('deletedFile'), value: At }),
  z.object({ key: z.literal('deletedFolder'), value: At }),
]);
type Line = z.infer<typeof Line>;

function commit(repositories: Repositories, repository: Repository, branch: string, body: unknown): string {
  // Another router has read it as something else: to commit nothing would be to lose it.
  if (body !== undefined && !Buffer.isBuffer(body))
    throw new HttpError(415, 'A commit is sent as application/x-ndjson, not as application/json');
  const lines = body === undefined ? [] : readLines(body);
  const { summary, description, parentCommit } = lines.find((line) => line.key === 'header')?.value ?? {};
  if (parentCommit && parentCommit !== repository.branches[branch])
    throw new HttpError(412, 'A commit has happened since. Please refresh and try again.');
  const message = { title: summary || 'Commit', ...(description && { description }) };
  try {
    return repositories.commit(repository, branch, lines.flatMap(toChange), message).id;
  } catch (error) {
    if (error instanceof MissingFileError) throw hfNotFound('EntryNotFound', error.message);
    throw new HttpError(400, `Commit refused: ${messageOf(error)}`);
  }
}

/** Line by line: a body with large files is longer than a string may be. */
function readLines(body: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < body.length;) {
    const newline = body.indexOf('\n', start);
    const end = newline === -1 ? body.length : newline;
    const text = body.toString('utf8', start, end);
    if (text.trim() !== '') lines.push(parseBody(Line, parseJson(text, lines.length + 1)));
    start = end + 1;
  }
  return lines;
}

function parseJson(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HttpError(400, `Line ${line} of the commit is not JSON: ${String(error)}`);
  }
}

function toChange(line: Line): Change[] {
  switch (line.key) {
    case 'header':
      return [];
    case 'file': {
      const { path, content, encoding } = line.value;
      return [{ kind: 'write', path, content: Buffer.from(content, encoding) }];
    }
    case 'lfsFile':
      return [{ kind: 'link', path: line.value.path, sha256: line.value.oid }];
    case 'deletedFile':
      return [{ kind: 'delete-file', path: line.value.path }];
    case 'deletedFolder':
      return [{ kind: 'delete-folder', path: line.value.path.replace(/\/$/, '') }];
  }
}
