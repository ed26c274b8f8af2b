import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import express, { Router, type Request } from 'express';
import { z } from 'zod';
import { filesOf, hfNotFound, pathOf, repositoryOf, typeOf } from './hf-repository.js';
import { param } from './names.js';
import { HttpError, parseBody } from './http-error.js';
import { MissingFileError, type Change, type Repositories } from './repositories.js';

const REGULAR_BELOW_BYTES = 10_000_000;

const Preupload = z.object({ files: z.array(z.object({ path: z.string().min(1), size: z.number() })) });

/** Preupload and commit, below `/v1/hf`. */
export function commitRoutes(repositories: Repositories): Router {
  return Router()
    .post('/api/:kind/:namespace/:name/preupload/:revision', (req, res) => {
      filesOf(repositories, repositoryOf(req, repositories, typeOf(req)), param(req, 'revision'));
      const { files } = parseBody(Preupload, req.body);
      const uploadMode = (size: number) =>
        size < REGULAR_BELOW_BYTES || needsRegular(req) ? 'regular' : 'lfs';
      res.json({
        files: files.map(({ path, size }) => ({ path, uploadMode: uploadMode(size), shouldIgnore: false })),
      });
    })
    .post(
      '/api/:kind/:namespace/:name/commit/:revision',
      express.raw({ type: () => true, limit: '1gb' }),
      (req, res) => {
        const repository = repositoryOf(req, repositories, typeOf(req));
        filesOf(repositories, repository, param(req, 'revision'));
        const commitOid = committing(() => repositories.commit(repository, parseChanges(req.body)));
        res.json({
          success: true,
          commitOid,
          commitUrl: `${pathOf(repository)}/commit/${commitOid}`,
          hookOutput: '',
        });
      },
    );
}

/** From 1.20 the Python client uploads large files by Xet or not at all; asked for `regular` it sends them in the commit. */
function needsRegular(req: Request): boolean {
  const version = /hf_hub\/(\d+)\.(\d+)/.exec(req.get('user-agent') ?? '');
  if (!version) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 1 || (major === 1 && minor >= 20);
}

const At = z.object({ path: z.string().min(1) });
const Line = z.discriminatedUnion('key', [
  z.object({ key: z.literal('header'), value: z.unknown() }),
  z.object({
    key: z.literal('file'),
    value: At.extend({ content: z.string(), encoding: z.literal('base64').optional() }),
  }),
  z.object({ key: z.literal('lfsFile'), value: At.extend({ oid: z.string().regex(/^[0-9a-f]{64}$/) }) }),
  z.object({ key: z.literal('deletedFile'), value: At }),
  z.object({ key: z.literal('deletedFolder'), value: At }),
]);

function parseChanges(body: Buffer): Change[] {
  const lines = body
    .toString('utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.flatMap((line) => toChange(parseBody(Line, JSON.parse(line))) ?? []);
}

function toChange(line: z.infer<typeof Line>): Change | null {
  switch (line.key) {
    case 'header':
      return null;
    case 'file':
      return { kind: 'write', path: line.value.path, content: Buffer.from(line.value.content, 'base64') };
    case 'lfsFile':
      return { kind: 'link', path: line.value.path, sha256: line.value.oid };
    case 'deletedFile':
      return { kind: 'delete-file', path: line.value.path };
    case 'deletedFolder':
      return { kind: 'delete-folder', path: line.value.path };
  }
}

function committing(commit: () => string): string {
  try {
    return commit();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    if (error instanceof MissingFileError) throw hfNotFound('EntryNotFound', error.message);
    throw new HttpError(400, `Commit refused: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const Batch = z.object({
  objects: z.array(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number() })),
});

/** Git LFS of datasets and models; the hrefs lie at the host's root, as the real data store's do. */
export function lfsRoutes(repositories: Repositories): Router {
  const router = Router();
  for (const [prefix, type] of [
    ['/datasets', 'dataset'],
    ['', 'model'],
  ] as const) {
    const objects = `${prefix}/:namespace/:name.git/info/lfs/objects`;
    router.post(`${objects}/batch`, (req, res) => {
      const repository = repositoryOf(req, repositories, type);
      const base = `${req.protocol}://${req.get('host')}/${pathOf(repository)}.git/info/lfs/objects`;
      const isStored = (oid: string) => existsSync(join(repositories.blobFolder(repository), oid));
      res.json({
        transfer: 'basic',
        objects: parseBody(Batch, req.body).objects.map(({ oid, size }) => ({
          oid,
          size,
          // Content that is there already needs no upload: the object comes back without actions.
          ...(!isStored(oid) && { actions: actionsFor(base, oid, size) }),
        })),
      });
    });
    router.put(`${objects}/:oid/:size`, async (req, res) => {
      await storeBlob(req, repositories.blobFolder(repositoryOf(req, repositories, type)), param(req, 'oid'));
      res.status(200).end();
    });
    router.post(`${objects}/verify`, (req, res) => {
      const { oid } = parseBody(z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/) }), req.body);
      const stored = existsSync(join(repositories.blobFolder(repositoryOf(req, repositories, type)), oid));
      if (!stored) throw new HttpError(404, `object ${oid} is not stored`);
      res.json({});
    });
  }
  return router;
}

const actionsFor = (base: string, oid: string, size: number) => ({
  upload: { href: `${base}/${oid}/${size}` },
  verify: { href: `${base}/verify` },
});

/** Streams an upload to disk; it becomes visible only when its bytes have the promised hash. */
async function storeBlob(req: Request, folder: string, oid: string): Promise<void> {
  const partial = join(folder, `${randomUUID()}.part`);
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(req, hashing, createWriteStream(partial));
    const found = hash.digest('hex');
    if (found !== oid) throw new HttpError(422, `uploaded content has sha256 ${found}, announced was ${oid}`);
    await rename(partial, join(folder, oid));
  } finally {
    await rm(partial, { force: true });
  }
}
