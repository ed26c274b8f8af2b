import { Router } from 'express';
import { filesOf, hfNotFound, repositoryOf } from './hf-repository.js';
import { param } from './names.js';
import type { Repositories } from './repositories.js';

/** Serves the stored bytes, whole or in ranges, below `/v1/hf`. */
export function downloadRoutes(repositories: Repositories): Router {
  const router = Router();
  for (const [prefix, type] of [
    ['/datasets', 'dataset'],
    ['', 'model'],
  ] as const) {
    const paths = ['resolve', 'raw'].map((verb) => `${prefix}/:namespace/:name/${verb}/:revision/*path`);
    // GET routes answer HEAD too.
    router.get(paths, (req, res) => {
      const repository = repositoryOf(req, repositories, type);
      const files = filesOf(repositories, repository, param(req, 'revision'));
      const path = param(req, 'path');
      const file = files.find((one) => one.path === path);
      if (!file) throw hfNotFound('EntryNotFound', `Entry ${path} not found in ${repository.id}`);
      const revision = repository.commits[param(req, 'revision')] ? param(req, 'revision') : repository.head;
      res.set({
        ETag: `"${file.sha256}"`,
        'X-Repo-Commit': revision,
        'Content-Type': 'application/octet-stream',
      });
      res.sendFile(file.sha256, {
        root: repositories.blobFolder(repository),
        dotfiles: 'allow',
        lastModified: false,
      });
    });
  }
  return router;
}
