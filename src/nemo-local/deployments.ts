import { Router } from 'express';
import { z } from 'zod';
import { InlineConfig, NewDeploymentConfig, servingOf, type Serving } from './deployment-config.js';
import { bringUp, takeDown } from './deployment-states.js';
import { newId, timestamp } from './entity-ids.js';
import { deletion, givenMembers, type NamedEntity } from './entity-routes.js';
import { conflict, notFound, parseBody, unprocessable } from './http-error.js';
import { listPage } from './listing.js';
import { entityKey, nameFields } from './names.js';
import { plainEntityRoutes } from './plain-entities.js';
import type { Platform } from './platform.js';

const Changes = z.looseObject({
  config: z.union([z.string().min(1), InlineConfig]).nullish(),
  models: z.array(z.string()).nullish(),
  async_enabled: z.boolean().nullish(),
  description: z.string().nullish(),
  project: z.string().nullish(),
  custom_fields: z.record(z.string(), z.unknown()).nullish(),
  hf_token: z.string().nullish(),
});

const NewDeployment = Changes.extend({
  ...nameFields,
  config: z.union([z.string().min(1), InlineConfig]),
});

/** A deployment as callers see it, and what it serves. */
export interface Deployment {
  wire: NamedEntity & {
    deployed: boolean;
    status_details: { status: 'created' | 'pending' | 'ready' | 'failed'; description: string };
  };
  serves: Serving;
}

const PATH = '/v1/deployment/model-deployments';

/** Deployment management: models that the NIM proxy serves, each on GPUs of its own, and stored configs of these. */
export function deploymentRoutes(platform: Platform): Router {
  const { deployments, deploymentConfigs } = platform;
  const found = (key: string) => {
    const deployment = deployments.get(key);
    if (!deployment) throw notFound(`model deployment ${key}`);
    return deployment;
  };
  return Router()
    .use(configRoutes(deploymentConfigs))
    .post(PATH, (req, res) => {
      const body = parseBody(NewDeployment, req.body);
      const name = body.name ?? newId('model-deployment');
      const key = `${body.namespace}/${name}`;
      // A 500 where others answer 409: so the real service does.
      if (deployments.get(key)) throw conflict('model deployment already exists', 500);
      const deployment = deployments.put(key, toDeployment(platform, { ...body, name }));
      // Coming up changes the record; the answer is of the moment of creation.
      res.json(deployment.wire);
      bringUp(platform, key, deployment);
    })
    .get(PATH, (req, res) => {
      const all = deployments.all().map(({ wire }) => wire);
      res.json(listPage(req, all));
    })
    .get(`${PATH}/:namespace/:name`, (req, res) => void res.json(found(entityKey(req)).wire))
    .patch(`${PATH}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      const deployment = found(key);
      const { config, ...changes } = parseBody(Changes, req.body);
      // Before anything changes: it may be refused.
      const serves = config ? resolveConfig(platform, config) : null;
      const kept = {
        name: deployment.wire.name,
        namespace: deployment.wire.namespace,
        updated_at: timestamp(),
      };
      Object.assign(deployment.wire, withoutToken(givenMembers(changes)), kept);
      if (serves) redeploy(platform, key, deployment, { config, serves });
      res.json(deployments.put(key, deployment).wire);
    })
    .delete(`${PATH}/:namespace/:name`, (req, res) => {
      const key = entityKey(req);
      found(key);
      deployments.delete(key);
      takeDown(platform, key);
      res.json(deletion(key));
    });
}

const configRoutes = (entities: Platform['deploymentConfigs']): Router =>
  plainEntityRoutes({
    title: 'deployment config',
    idPrefix: 'deployment-config',
    path: '/v1/deployment/configs',
    entities,
    schema: NewDeploymentConfig,
    defaults: { description: null, project: null, custom_fields: {}, ownership: null, schema_version: '1.0' },
  });

/** Another config is another deployment under the same name: what runs goes, and it comes up again. */
function redeploy(
  platform: Platform,
  key: string,
  deployment: Deployment,
  { config, serves }: { config: z.infer<typeof Changes>['config']; serves: Serving },
): void {
  takeDown(platform, key);
  Object.assign(deployment.wire, { config, models: [serves.model], deployed: false });
  deployment.wire.status_details = { status: 'created', description: '' };
  deployment.serves = serves;
  bringUp(platform, key, deployment);
}

/** A deployment at the moment of its creation. */
export function toDeployment(
  platform: Platform,
  body: z.infer<typeof NewDeployment> & { name: string },
): Deployment {
  const now = timestamp();
  const serves = resolveConfig(platform, body.config);
  const wire = {
    description: null,
    project: null,
    custom_fields: {},
    ownership: null,
    async_enabled: false,
    ...withoutToken(givenMembers(body)),
    id: newId('model-deployment'),
    name: body.name,
    namespace: body.namespace,
    models: [serves.model],
    url: platform.nimUrl,
    deployed: false,
    status_details: { status: 'created' as const, description: '' },
    schema_version: '1.0',
    created_at: now,
    updated_at: now,
  };
  return { wire, serves };
}

/** A token is the deployment's secret; nothing here needs it, so it is not even kept. */
const withoutToken = ({ hf_token: _, ...body }: Record<string, unknown>) => body;

function resolveConfig(platform: Platform, config: z.infer<typeof NewDeployment>['config']): Serving {
  const { gpusOf } = platform.catalog;
  if (typeof config !== 'string') return servingOf(refuseExternal(config), gpusOf);
  const stored = platform.deploymentConfigs.get(config.includes('/') ? config : `default/${config}`);
  if (!stored) throw notFound(`deployment config ${config}`);
  return servingOf(parseBody(InlineConfig, refuseExternal(stored)), gpusOf);
}

function refuseExternal<T extends Record<string, unknown>>(config: T): T {
  if (config['external_endpoint'])
    throw unprocessable(['body', 'config', 'external_endpoint'], 'nemo-local serves its own models only');
  return config;
}
