import { Router } from 'express';
import { z } from 'zod';
import type { Ending } from './background-jobs.js';
import { timestamp } from './entity-ids.js';
import { deletion } from './entity-store.js';
import { NAME, entityKey } from './names.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import type { Platform } from './platform.js';

const NewDeployment = z.looseObject({
  name: z.string().regex(NAME),
  namespace: z.string().regex(NAME).default('default'),
  config: z.looseObject({
    model: z.string().min(1),
    nim_deployment: z.looseObject({ gpu: z.number().int().min(0).nullish() }).optional(),
  }),
});

export type Deployment = z.infer<typeof NewDeployment> & {
  deployed: boolean;
  status_details: { status: 'created' | 'pending' | 'ready' | 'failed'; description: string };
  created_at: string;
  updated_at: string;
};

const PATH = '/v1/deployment/model-deployments';

/** Deployment management: models that the NIM proxy serves, each on GPUs of its own. */
export function deploymentRoutes(platform: Platform): Router {
  const { deployments } = platform;
  const found = (key: string) => {
    const deployment = deployments.get(key);
    if (!deployment) throw notFound(`model deployment ${key}`);
    return deployment;
  };
  return Router()
    .post(PATH, (req, res) => {
      const body = parseBody(NewDeployment, req.body);
      const key = keyOf(body);
      // A 500 where others answer 409: so the real service does.
      if (deployments.get(key)) throw conflict('model deployment already exists', 500);
      const deployment = deployments.put(key, toDeployment(platform, body));
      bringUp(platform, deployment);
      res.json(deployment);
    })
    .get(PATH, (req, res) => void res.json(listPage(req, deployments.all())))
    .get(`${PATH}/:namespace/:name`, (req, res) => void res.json(found(entityKey(req))))
    .delete(`${PATH}/:namespace/:name`, (req, res) => {
      const key = keyOf(found(entityKey(req)));
      deployments.delete(key);
      platform.jobs.cancel(jobId(key));
      platform.gpus.release(key);
      res.json(deletion(key));
    });
}

/** Takes up deployments that an earlier process left; those that were ready keep their GPUs. */
export function resumeDeployments(platform: Platform): void {
  const all = platform.deployments.all();
  for (const deployment of all.filter(({ deployed }) => deployed)) {
    void platform.gpus.take(keyOf(deployment), gpusOf(deployment), new AbortController().signal);
  }
  for (const deployment of all) {
    if (!deployment.deployed && deployment.status_details.status !== 'failed') bringUp(platform, deployment);
  }
}

const keyOf = ({ namespace, name }: { namespace: string; name: string }) => `${namespace}/${name}`;
const jobId = (key: string) => `deployment ${key}`;
const gpusOf = ({ config }: Deployment) => config.nim_deployment?.gpu ?? 1;

function toDeployment(platform: Platform, body: z.infer<typeof NewDeployment>): Deployment {
  const now = timestamp();
  return {
    description: null,
    project: null,
    custom_fields: {},
    ownership: null,
    async_enabled: false,
    ...body,
    models: [body.config.model],
    url: platform.nimUrl,
    deployed: false,
    status_details: { status: 'created', description: '' },
    schema_version: '1.0',
    created_at: now,
    updated_at: now,
  };
}

function bringUp(platform: Platform, deployment: Deployment): void {
  const key = keyOf(deployment);
  const ended = (ending: Ending) => {
    if (ending.status === 'failed') setStatus(platform, deployment, 'failed', ending.reason);
  };
  platform.jobs.start(jobId(key), (signal) => throughStates(platform, deployment, signal), ended);
}

/** created → pending, until its GPUs are free and the model is loaded → ready. */
async function throughStates(platform: Platform, deployment: Deployment, signal: AbortSignal): Promise<void> {
  const { model } = deployment.config;
  const gpus = gpusOf(deployment);
  await platform.clock.pause(1, signal);
  setStatus(platform, deployment, 'pending', `waiting for ${gpus} GPU${gpus === 1 ? '' : 's'}`);
  if (model.includes('stuck-deploy')) return;
  await platform.gpus.take(keyOf(deployment), gpus, signal);
  setStatus(platform, deployment, 'pending', 'loading the model');
  await platform.clock.pause(4, signal);
  if (model.includes('fail-deploy')) {
    platform.gpus.release(keyOf(deployment));
    throw new Error(`image of ${model} cannot be pulled (fails on request: its name contains fail-deploy)`);
  }
  setStatus(platform, deployment, 'ready', 'deployment is ready');
}

function setStatus(
  platform: Platform,
  deployment: Deployment,
  status: Deployment['status_details']['status'],
  description: string,
): void {
  deployment.status_details = { status, description };
  deployment.deployed = status === 'ready';
  deployment.updated_at = timestamp();
  platform.deployments.put(keyOf(deployment), deployment);
}
