import { Router, type Request } from 'express';
import { z } from 'zod';
import type { Collection } from './collection.js';
import { timestamp } from './entity-ids.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import { entityKey } from './names.js';

/** A thing that callers describe; members beyond these are theirs, kept as sent. */
export interface Entity {
  id: string;
  name?: string;
  namespace?: string;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

/** One that is addressed by `<namespace>/<name>`. */
export interface NamedEntity extends Entity {
  name: string;
  namespace: string;
}

export interface EntityKind<E extends NamedEntity> {
  /** As errors call it. */
  title: string;
  path: string;
  entities: Collection<E>;
  /** Makes an entity of a request's body. */
  create(body: unknown): E;
  /** Applies the body of a PATCH; members that it leaves out or sends as null keep their value. */
  patch(entity: E, body: unknown): E;
  /** What answers show; by default all of it. */
  show?(entity: E): object;
  /** What the answer to a PATCH shows besides. */
  patchNote?(entity: E): object;
  /** Refuses, by throwing, a deletion that would harm. */
  beforeDelete?(entity: E): void;
  afterDelete?(key: string): void;
  /** What lists can be filtered by beyond an entity's members. */
  derived?(entity: E): Record<string, unknown>;
  /** What lists can be sorted by besides times and names. */
  sortable?: readonly string[];
}

/** Create, list, read, patch and delete of entities addressed by `{namespace}/{name}`. */
export function entityRoutes<E extends NamedEntity>(kind: EntityKind<E>): Router {
  const { entities, path, title, show = (entity) => entity } = kind;
  const keyOf = ({ namespace, name }: NamedEntity) => `${namespace}/${name}`;
  const found = (req: Request) => {
    const entity = entities.get(entityKey(req));
    if (!entity) throw notFound(`${title} ${entityKey(req)}`);
    return entity;
  };
  return Router()
    .post(path, (req, res) => {
      const entity = kind.create(req.body);
      if (entities.get(keyOf(entity))) throw conflict(`${title} ${keyOf(entity)} already exists`);
      // Exactly 200: some libraries take any other success for an error.
      res.status(200).json(show(entities.put(keyOf(entity), entity)));
    })
    .get(path, (req, res) => {
      const { data, ...page } = listPage(req, entities.all(), kind.derived, kind.sortable);
      res.json({ ...page, data: data.map(show) });
    })
    .get(`${path}/:namespace/:name`, (req, res) => void res.json(show(found(req))))
    .patch(`${path}/:namespace/:name`, (req, res) => {
      const entity = found(req);
      const patched = kind.patch(entity, req.body);
      const { id, name, namespace, created_at } = entity;
      const whole = { ...patched, id, name, namespace, created_at, updated_at: timestamp() };
      res.json({ ...show(entities.put(keyOf(entity), whole)), ...kind.patchNote?.(whole) });
    })
    .delete(`${path}/:namespace/:name`, (req, res) => {
      const entity = found(req);
      kind.beforeDelete?.(entity);
      entities.delete(keyOf(entity));
      kind.afterDelete?.(keyOf(entity));
      res.json(deletion(entity.id));
    });
}

/** The answer to a deletion. */
export const deletion = (id: string) => ({
  id,
  deleted_at: timestamp(),
  message: 'Resource deleted successfully.',
});

/** The members that say something: callers write null for what they leave out. */
export const givenMembers = <T extends object>(value: T): T =>
  // Only members without a value are left out.
  Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== null && member !== undefined),
  ) as T;

/** The members that a body of any shape says something of. */
export const sentMembers = (body: unknown): Record<string, unknown> =>
  givenMembers(parseBody(z.looseObject({}), body));
