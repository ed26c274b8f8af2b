import express, { Router } from 'express';
import { z } from 'zod';
import type { Collection } from './collection.js';
import { commitRoutes } from './hf-commits.js';
import { downloadRoutes } from './hf-downloads.js';
import { lfsRoutes } from './hf-lfs.js';
import { refRoutes } from './hf-refs.js';
import { repositoryInfoRoutes } from './hf-repo-info.js';
import { repositoryRoutes } from './hf-repos.js';
import { answerHfErrors } from './hf-repository.js';
import { treeRoutes } from './hf-trees.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { NAME, param } from './names.js';
import type { Repositories } from './repositories.js';

export interface DataStoreNamespace {
  namespace: string;
  created_at: string;
  updated_at: string;
}

const NewNamespace = z.object({ namespace: z.string().regex(NAME) });

/** The data store: its own namespaces, and repositories over the Hugging Face API. */
export function dataStoreRoutes(
  namespaces: Collection<DataStoreNamespace>,
  repositories: Repositories,
): Router {
  const create = (namespace: string) => {
    // Unlike every other service, the data store writes times with a zone and without fractions.
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    return namespaces.put(namespace, { namespace, created_at: now, updated_at: now });
  };
  const ensure = (namespace: string) => void (namespaces.get(namespace) ?? create(namespace));

  return Router()
    .get('/v1/health', (_req, res) => void res.json({ status: 'healthy' }))
    .post('/v1/datastore/namespaces', express.urlencoded(), (req, res) => {
      const { namespace } = parseBody(NewNamespace, req.body);
      if (namespaces.get(namespace)) throw conflict(`namespace ${namespace} already exists`);
      res.status(201).json(create(namespace));
    })
    .get('/v1/datastore/namespaces', (_req, res) => void res.json({ object: 'list', data: namespaces.all() }))
    .get('/v1/datastore/namespaces/:namespace', (req, res) => {
      const found = namespaces.get(param(req, 'namespace'));
      if (!found) throw notFound(`namespace ${param(req, 'namespace')}`);
      // 201 to a read: so the real one answers.
      res.status(201).json(found);
    })
    .delete('/v1/datastore/namespaces/:namespace', (req, res) => {
      if (!namespaces.delete(param(req, 'namespace'))) throw notFound(`namespace ${param(req, 'namespace')}`);
      res.json({ message: 'namespace deleted' });
    })
    .use(
      '/v1/hf',
      repositoryRoutes(repositories, ensure),
      repositoryInfoRoutes(repositories),
      treeRoutes(repositories),
      refRoutes(repositories),
      commitRoutes(repositories),
      lfsRoutes(repositories),
      downloadRoutes(repositories),
      answerHfErrors,
    )
    .use(lfsRoutes(repositories));
}
