import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Router, type Request } from 'express';
import { z } from 'zod';
import { pathOf, repositoryOf } from './hf-repository.js';
import { param } from './names.js';
import { HttpError, parseBody } from './http-error.js';
import type { Repositories } from './repositories.js';

const Oid = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256');

const Batch = z.object({
  objects: z.array(z.object({ oid: Oid, size: z.number() })),
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
      const folder = repositories.blobFolder(repositoryOf(req, repositories, type));
      await storeBlob(req, folder, parseBody(Oid, param(req, 'oid')));
      res.status(200).end();
    });
    router.post(`${objects}/verify`, (req, res) => {
      const { oid } = parseBody(z.object({ oid: Oid }), req.body);
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
