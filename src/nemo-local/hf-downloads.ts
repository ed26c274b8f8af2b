import { Router } from 'express';
import { pointerTo } from './git-objects.js';
import { hfNotFound, repositoryOf, revisionOf } from './hf-repository.js';
import { param } from './names.js';
import type { Repositories } from './repositories.js';

/** Serves the stored bytes, whole or in ranges, below `/v1/hf`. */
export function downloadRoutes(repositories: Repositories): Router {
  const router = Router();
  for (const [prefix, type] of [
    ['/datasets', 'dataset'],
    ['', 'model'],
  ] as const) {
    // GET routes answer HEAD too.
    router.get(`${prefix}/:namespace/:name/:verb/:revision/*path`, (req, res, next) => {
      const verb = param(req, 'verb');
      if (verb !== 'resolve' && verb !== 'raw') return next();
      const repository = repositoryOf(req, repositories, type);
      const commit = revisionOf(req, repositories, repository);
      const path = param(req, 'path');
      const file = commit.files.find((one) => one.path === path);
      if (!file) throw hfNotFound('EntryNotFound', `Entry ${path} not found in ${repository.id}`);
      res.set({
        ETag: `"${file.sha256}"`,
        'X-Repo-Commit': commit.id,
        'Content-Type': 'application/octet-stream',
      });
      // Raw is what git holds: of a large file the pointer.
      if (verb === 'raw' && file.lfs)
        return void res.set('ETag', `"${file.oid}"`).send(Buffer.from(pointerTo(file.sha256, file.size)));
      res.sendFile(file.sha256, {
        root: repositories.blobFolder(repository),
        dotfiles: 'allow',
        lastModified: false,
      });
    });
  }
  return router;
}
