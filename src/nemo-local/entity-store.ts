import { Router } from 'express';
import { z } from 'zod';
import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import { entityKey, NAME, param } from './names.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import type { Platform } from './platform.js';

/** A namespace, project, dataset or model; members beyond these are the client's, kept as sent. */
export interface Entity {
  id: string;
  name?: string;
  namespace?: string;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

const Named = z.looseObject({
  name: z.string().regex(NAME).optional(),
  namespace: z.string().regex(NAME).default('default'),
});
const NewNamespace = z.looseObject({ id: z.string().regex(NAME) });
const NewDataset = Named.extend({ files_url: z.string().min(1) });

const COMMON = { description: null, project: null, custom_fields: {} };
const DATASET = { ...COMMON, format: null, hf_endpoint: null, split: null, limit: null };

/** The entity store: names of things. What they stand for lies elsewhere and lives on without them. */
export function entityStoreRoutes(platform: Platform): Router {
  const { namespaces, projects, datasets, models, adapters } = platform;
  return Router()
    .use(namespaceRoutes(namespaces))
    .use(entityRoutes('project', '/v1/projects', projects, Named, COMMON))
    .use(entityRoutes('dataset', '/v1/datasets', datasets, NewDataset, DATASET))
    .use(entityRoutes('model', '/v1/models', models, Named, COMMON, (key) => adapters.delete(key)));
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
      res.json(
        namespaces.put(body.id, { ...COMMON, ownership: null, ...body, created_at: now, updated_at: now }),
      );
    })
    .get('/v1/namespaces', (req, res) => void res.json(listPage(req, namespaces.all())))
    .get('/v1/namespaces/:id', (req, res) => void res.json(found(param(req, 'id'))))
    .patch('/v1/namespaces/:id', (req, res) => {
      const namespace = found(param(req, 'id'));
      res.json(namespaces.put(namespace.id, patched(namespace, parseBody(z.looseObject({}), req.body))));
    })
    .delete('/v1/namespaces/:id', (req, res) => {
      const { id } = found(param(req, 'id'));
      namespaces.delete(id);
      res.json(deletion(id));
    });
}

/** Create, list, read, patch and delete of entities addressed by `{namespace}/{name}`. */
function entityRoutes(
  kind: string,
  path: string,
  entities: Collection<Entity>,
  schema: z.ZodType<z.infer<typeof Named>>,
  defaults: Record<string, unknown>,
  deleted: (key: string) => void = () => {},
): Router {
  const found = (key: string) => {
    const entity = entities.get(key);
    if (!entity) throw notFound(`${kind} ${key}`);
    return entity;
  };
  return Router()
    .post(path, (req, res) => {
      const body = parseBody(schema, req.body);
      const id = newId(kind);
      const key = `${body.namespace}/${body.name ?? id}`;
      if (entities.get(key)) throw conflict(`${kind} ${key} already exists`);
      const now = timestamp();
      res.json(
        entities.put(key, {
          ...defaults,
          ...body,
          name: body.name ?? id,
          id,
          created_at: now,
          updated_at: now,
        }),
      );
    })
    .get(path, (req, res) => void res.json(listPage(req, entities.all())))
    .get(`${path}/:namespace/:name`, (req, res) => void res.json(found(entityKey(req))))
    .patch(`${path}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      res.json(entities.put(key, patched(found(key), parseBody(z.looseObject({}), req.body))));
    })
    .delete(`${path}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      const { id } = found(key);
      entities.delete(key);
      deleted(key);
      res.json(deletion(id));
    });
}

export const deletion = (id: string) => ({
  id,
  deleted_at: timestamp(),
  message: 'Resource deleted successfully.',
});

/** Absent and null members keep their old value; names and ids never change. */
function patched(entity: Entity, changes: Record<string, unknown>): Entity {
  const given = Object.entries(changes).filter(([, value]) => value !== null);
  const { id, created_at } = entity;
  const names = {
    ...(entity.name !== undefined && { name: entity.name, namespace: entity.namespace ?? 'default' }),
  };
  return { ...entity, ...Object.fromEntries(given), ...names, id, created_at, updated_at: timestamp() };
}
