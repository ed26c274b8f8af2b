import { Router } from 'express';
import type { z } from 'zod';
import { newId, timestamp } from './entity-ids.js';
import { deletion } from './entity-store.js';
import { entityKey, param } from './names.js';
import {
  NewConfig,
  NewJob,
  newStatus,
  type CustomizationConfig,
  type CustomizationJob,
} from './customization-job.js';
import { isOver } from './background-jobs.js';
import { cancelCustomization, startCustomization } from './customization-run.js';
import { conflict, notFound, parseBody } from './http-error.js';
import { listPage } from './listing.js';
import type { Platform } from './platform.js';

const CONFIGS = '/v1/customization/configs';
const JOBS = '/v1/customization/jobs';

/** The customizer: configs, and jobs that train adapters. */
export function customizerRoutes(platform: Platform): Router {
  return Router().use(configRoutes(platform), jobRoutes(platform));
}

function configRoutes({ customizationConfigs: configs }: Platform): Router {
  const found = (key: string) => {
    const config = configs.get(key);
    if (!config) throw notFound(`customization config ${key}`);
    return config;
  };
  return Router()
    .post(CONFIGS, (req, res) => {
      const config = toConfig(parseBody(NewConfig, req.body));
      const key = `${config.namespace}/${config.name}`;
      if (configs.get(key)) throw conflict(`customization config ${key} already exists`);
      res.json(configs.put(key, config));
    })
    .get(CONFIGS, (req, res) => void res.json(listPage(req, configs.all())))
    .get(`${CONFIGS}/:namespace/:name`, (req, res) => void res.json(found(entityKey(req))))
    .delete(`${CONFIGS}/:namespace/:name`, (req, res) => {
      const { id } = found(entityKey(req));
      configs.delete(entityKey(req));
      res.json(deletion(id));
    });
}

function jobRoutes(platform: Platform): Router {
  const { customizations } = platform;
  const found = (id: string) => {
    const job = customizations.get(id);
    if (!job) throw notFound(`customization job ${id}`);
    return job;
  };
  return (
    Router()
      .post(JOBS, (req, res) => {
        const job = toJob(platform, parseBody(NewJob, req.body));
        if (platform.models.get(job.output_model)) throw conflict(`model ${job.output_model} already exists`);
        customizations.put(job.id, job);
        createModelEntity(platform, job);
        startCustomization(platform, job);
        // Exactly 200: clients take any other success for an error.
        res.status(200).json(job);
      })
      .get(JOBS, (req, res) => void res.json(listPage(req, customizations.all())))
      .get(`${JOBS}/:id`, (req, res) => void res.json(found(param(req, 'id'))))
      .get(`${JOBS}/:id/status`, (req, res) => void res.json(found(param(req, 'id')).status_details))
      // The second path is what NVIDIA's blueprint calls.
      .post([`${JOBS}/:id/cancel`, '/v1/customizations/:id/cancel'], (req, res) => {
        const job = found(param(req, 'id'));
        if (isOver(job))
          throw conflict(`customization job ${job.id} is ${job.status} and cannot be cancelled`);
        cancelCustomization(platform, job);
        res.json(job);
      })
  );
}

function toConfig(body: z.infer<typeof NewConfig>): CustomizationConfig {
  const id = newId('customization_config');
  const now = timestamp();
  return {
    description: null,
    project: null,
    custom_fields: {},
    ...body,
    name: body.name ?? id,
    id,
    created_at: now,
    updated_at: now,
  };
}

function toJob(platform: Platform, body: z.infer<typeof NewJob>): CustomizationJob {
  const id = newId('cust');
  const now = timestamp();
  const config = resolveConfig(platform, body.config);
  return {
    description: null,
    project: null,
    custom_fields: {},
    ownership: null,
    warnings: null,
    ...body,
    id,
    namespace: 'default',
    config: `${config.namespace}/${config.name}`,
    config_snapshot: snapshotOf(config),
    dataset:
      typeof body.dataset === 'string' ? body.dataset : `${body.dataset.namespace}/${body.dataset.name}`,
    output_model: body.output_model.includes('@') ? body.output_model : `${body.output_model}@${id}`,
    status: 'created',
    status_details: newStatus(now),
    created_at: now,
    updated_at: now,
  };
}

function resolveConfig(platform: Platform, config: z.infer<typeof NewJob>['config']): CustomizationConfig {
  if (typeof config !== 'string') return toConfig(config);
  const stored = platform.customizationConfigs.get(config);
  if (!stored) throw notFound(`customization config ${config}`);
  return stored;
}

function snapshotOf({ target, max_seq_length, training_precision, training_options }: CustomizationConfig) {
  const base = typeof target === 'string' ? target : (target.base_model ?? target.name);
  return {
    base_model: base.replace(/@.*$/, ''),
    max_seq_length,
    precision: training_precision,
    training_option: training_options[0],
    prompt_template: '{prompt} {completion}',
  };
}

/** The entity exists from the start; only its `artifact.status` says whether there are weights. */
function createModelEntity(platform: Platform, job: CustomizationJob): void {
  const [namespace = '', name = ''] = job.output_model.split('/');
  const { lora, finetuning_type } = job.hyperparameters;
  const now = timestamp();
  platform.models.put(job.output_model, {
    id: newId('model'),
    name,
    namespace,
    description: null,
    project: job['project'] ?? null,
    custom_fields: job['custom_fields'] ?? {},
    ownership: null,
    base_model: job.config_snapshot.base_model,
    peft: {
      finetuning_type,
      lora: { alpha: lora.alpha, apply_lora_to_mlp: false, apply_lora_to_output: false },
    },
    artifact: {
      status: 'created',
      files_url: `hf://${job.output_model}`,
      backend_engine: 'nemo',
      precision: 'fp32',
    },
    created_at: now,
    updated_at: now,
  });
}
