import type { Router } from 'express';
import { z } from 'zod';
import type { Collection } from './collection.js';
import { newId, timestamp } from './entity-ids.js';
import { RunnableConfig } from './evaluation-config.js';
import { withoutKeys } from './evaluation-job.js';
import { ModelRef } from './evaluation-metric.js';
import { parseBody } from './http-error.js';
import { entityRoutes, givenMembers, sentMembers, type NamedEntity } from './entity-routes.js';
import { Named } from './names.js';
import type { Platform } from './platform.js';

type Stored = z.infer<typeof Named> & { type: string };

/** Any type can be stored; whether it can be carried out is asked when a job uses it. */
const NewConfig = Named.extend({ type: z.string().min(1) });

const NewTarget = Named.extend({
  type: z.enum(['model', 'cached_outputs', 'retriever', 'rag', 'rows', 'dataset']),
  model: ModelRef.optional(),
});

/** Stored targets and configs of evaluations. */
export const targetRoutes = ({ evaluationTargets }: Platform): Router =>
  storedRoutes('evaluation target', 'eval-target', '/v1/evaluation/targets', evaluationTargets, (body) =>
    parseBody(NewTarget, body),
  );

export const configRoutes = ({ evaluationConfigs }: Platform): Router =>
  storedRoutes('evaluation config', 'eval-config', '/v1/evaluation/configs', evaluationConfigs, parseConfig);

function parseConfig(body: unknown): Stored {
  const config = parseBody(NewConfig, body);
  if (config.type === 'custom') parseBody(RunnableConfig, body);
  return config;
}

function storedRoutes(
  title: string,
  prefix: string,
  path: string,
  entities: Collection<NamedEntity>,
  parse: (body: unknown) => Stored,
): Router {
  return entityRoutes({
    title,
    path,
    entities,
    create: (body) => toEntity(prefix, parse(body)),
    patch(entity, body) {
      const changes = sentMembers(body);
      parse({ ...entity, ...changes });
      return { ...entity, ...changes };
    },
    // These answers leave out what is null.
    show: (entity) => givenMembers(withoutKeys(entity)),
  });
}

/** Gives a target or config the members that the platform adds. */
export function toEntity<T extends { name?: string | undefined; namespace?: string | undefined }>(
  prefix: string,
  body: T,
) {
  const id = newId(prefix);
  const now = timestamp();
  return {
    custom_fields: {},
    schema_version: '1.0',
    type_prefix: prefix,
    version_id: 'main',
    version_tags: [],
    ...body,
    id,
    name: body.name ?? id,
    namespace: body.namespace ?? 'default',
    created_at: now,
    updated_at: now,
  };
}
