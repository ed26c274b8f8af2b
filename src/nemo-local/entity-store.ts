import { Router } from 'express';
import type { Collection } from './collection.js';
import { NewDataset, NewModel, NewNamespace, NewProject } from './entities.js';
import { timestamp } from './entity-ids.js';
import { deletion, givenMembers, type Entity } from './entity-routes.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import { param } from './names.js';
import { changesOf, plainEntityRoutes } from './plain-entities.js';
import type { Platform } from './platform.js';

const COMMON = { description: null, project: null, custom_fields: {} };
const OWNED = { ...COMMON, ownership: null };
const DATASET = { ...COMMON, format: null, hf_endpoint: null, split: null, limit: null };

/** The entity store: names of things. What they stand for lies elsewhere and lives on without them. */
export function entityStoreRoutes(platform: Platform): Router {
  const { namespaces, projects, datasets, models, adapters } = platform;
  const project = { title: 'project', path: '/v1/projects', entities: projects, schema: NewProject };
  const dataset = { title: 'dataset', path: '/v1/datasets', entities: datasets, schema: NewDataset };
  const model = { title: 'model', path: '/v1/models', entities: models, schema: NewModel };
  return Router().use(
    namespaceRoutes(namespaces),
    plainEntityRoutes({ ...project, idPrefix: 'project', defaults: OWNED }),
    plainEntityRoutes({ ...dataset, idPrefix: 'dataset', defaults: DATASET }),
    plainEntityRoutes({
      ...model,
      idPrefix: 'model',
      defaults: { ...OWNED, schema_version: '1.0' },
      afterDelete: (key) => adapters.delete(key),
    }),
  );
}

function namespaceRoutes(namespaces: Collection<Entity>): Router {
  const found = (id: string) => {
    const namespace = namespaces.get(id);
    if (!namespace) throw notFound(`namespace ${id}`);
    return namespace;
  };
  return Router()
    .post('/v1/namespaces', (req, res) => {
      const body = parseBody(NewNamespace, req.body);
      if (namespaces.get(body.id)) throw conflict(`namespace ${body.id} already exists`);
      const now = timestamp();
      const namespace = { ...OWNED, ...givenMembers(body), id: body.id, created_at: now, updated_at: now };
      res.json(namespaces.put(body.id, namespace));
    })
    .get('/v1/namespaces', (req, res) => void res.json(listPage(req, namespaces.all())))
    .get('/v1/namespaces/:id', (req, res) => void res.json(found(param(req, 'id'))))
    .patch('/v1/namespaces/:id', (req, res) => {
      const namespace = found(param(req, 'id'));
      const { id, created_at } = namespace;
      const changed = { ...namespace, ...changesOf(NewNamespace, req.body), id, created_at };
      res.json(namespaces.put(id, { ...changed, updated_at: timestamp() }));
    })
    .delete('/v1/namespaces/:id', (req, res) => {
      const { id } = found(param(req, 'id'));
      namespaces.delete(id);
      res.json(deletion(id));
    });
}
