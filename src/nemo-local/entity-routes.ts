import { Router } from 'express';
import type { z } from 'zod';
import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import { entityKey } from './names.js';

/** A thing with a name in a namespace; members beyond these are the client's, kept as sent. */
export interface Entity {
  id: string;
  name?: string;
  namespace?: string;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

type NewEntity = z.ZodObject & z.ZodType<{ name?: string | null | undefined; namespace: string }>;

export interface EntityKind {
  /** What an error calls it. */
  kind: string;
  idPrefix: string;
  path: string;
  entities: Collection<Entity>;
  schema: NewEntity;
  /** Members of the answer that the client need not send. */
  defaults: Record<string, unknown>;
  deleted?: (key: string) => void;
}

export const SORTABLE = ['created_at', 'updated_at', 'name'];

/** Create, list, read, patch and delete of entities addressed by `{namespace}/{name}`. */
export function entityRoutes(entityKind: EntityKind): Router {
  const { kind, path, entities, schema, deleted = () => {} } = entityKind;
  const found = (key: string) => {
    const entity = entities.get(key);
    if (!entity) throw notFound(`${kind} ${key}`);
    return entity;
  };
  return Router()
    .post(path, (req, res) => {
      const entity = toEntity(entityKind, req.body);
      const key = `${entity.namespace}/${entity.name}`;
      if (entities.get(key)) throw conflict(`${kind} ${key} already exists`);
      res.json(entities.put(key, entity));
    })
    .get(path, (req, res) => void res.json(listPage(req, entities.all(), undefined, SORTABLE)))
    .get(`${path}/:namespace/:name`, (req, res) => void res.json(found(entityKey(req))))
    .patch(`${path}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      res.json(entities.put(key, patched(found(key), req.body, schema)));
    })
    .delete(`${path}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      const { id } = found(key);
      entities.delete(key);
      deleted(key);
      res.json(deletion(id));
    });
}

function toEntity({ schema, idPrefix, defaults }: EntityKind, body: unknown): Entity {
  const entity = parseBody(schema, body);
  const id = newId(idPrefix);
  const now = timestamp();
  const { namespace } = entity;
  return {
    ...defaults,
    ...given(entity),
    id,
    name: entity.name ?? id,
    namespace,
    created_at: now,
    updated_at: now,
  };
}

export const deletion = (id: string) => ({
  id,
  deleted_at: timestamp(),
  message: 'Resource deleted successfully.',
});

/** What a body says; null says nothing. */
export const given = (body: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));

/** Absent and null members keep their old value; names and ids never change. */
export function patched(entity: Entity, body: unknown, schema: z.ZodObject): Entity {
  const changes = given(parseBody<object>(schema.partial(), body));
  const { id, created_at, name, namespace } = entity;
  const fixed = { id, created_at, ...(name !== undefined && { name, namespace: namespace ?? 'default' }) };
  return { ...entity, ...changes, ...fixed, updated_at: timestamp() };
}
