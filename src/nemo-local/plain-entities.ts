import type { Router } from 'express';
import type { z } from 'zod';
import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import { entityRoutes, givenMembers, type NamedEntity } from './entity-routes.js';
import { parseBody } from './http-error.js';

type NewEntity = z.ZodObject & z.ZodType<{ name?: string | null | undefined; namespace: string }>;

export interface PlainKind {
  title: string;
  idPrefix: string;
  path: string;
  entities: Collection<NamedEntity>;
  schema: NewEntity;
  /** Members of the answer that the caller need not send. */
  defaults: Record<string, unknown>;
  afterDelete?: (key: string) => void;
}

/** Routes of entities that are what their schema says and no more. */
export const plainEntityRoutes = ({ schema, idPrefix, defaults, ...kind }: PlainKind): Router =>
  entityRoutes({
    ...kind,
    create(body) {
      const { name, namespace, ...entity } = parseBody(schema, body);
      const id = newId(idPrefix);
      const now = timestamp();
      const own = { id, name: name ?? id, namespace, created_at: now, updated_at: now };
      return { ...defaults, ...givenMembers(entity), ...own };
    },
    patch: (entity, body) => ({ ...entity, ...changesOf(schema, body) }),
  });

/** What the body of a PATCH changes. */
export const changesOf = (schema: z.ZodObject, body: unknown): object =>
  givenMembers(parseBody<object>(schema.partial(), body));
