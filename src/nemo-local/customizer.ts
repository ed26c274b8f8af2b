import { Router } from 'express';
import type { z } from 'zod';
import { isOver } from './background-jobs.js';
import {
  configRoutes,
  isSameKind,
  targetOf,
  toConfig,
  type CustomizationConfig,
} from './customization-config.js';
import { NewJob, newStatus, type CustomizationJob } from './customization-job.js';
import { containerLogsOf } from './customization-logs.js';
import { addCustomization, cancelCustomization } from './customization-run.js';
import { targetRoutes } from './customization-target.js';
import { refuseUntrainable } from './trainable.js';
import { newId, timestamp } from './entity-ids.js';
import { conflict, notFound, parseBody, unprocessable } from './http-error.js';
import { listPage } from './listing.js';
import { param } from './names.js';
import type { Platform } from './platform.js';

const JOBS = '/v1/customization/jobs';

/** The customizer: targets and configs, and jobs that train adapters. */
export const customizerRoutes = (platform: Platform): Router =>
  Router().use(targetRoutes(platform), configRoutes(platform), jobRoutes(platform));

function jobRoutes(platform: Platform): Router {
  const { customizations, datasets, models } = platform;
  const found = (id: string) => {
    const job = customizations.get(id);
    if (!job) throw notFound(`customization job ${id}`);
    return job;
  };
  /** Jobs are found by their dataset's files too. */
  const derived = ({ dataset }: CustomizationJob) => ({
    dataset: [dataset, datasets.get(dataset)?.['files_url']],
  });
  return (
    Router()
      .post(JOBS, (req, res) => {
        const job = toJob(platform, parseBody(NewJob, req.body));
        if (job.output_model !== null && models.get(job.output_model))
          throw conflict(`model ${job.output_model} already exists`);
        addCustomization(platform, job);
        // Exactly 200: libraries take any other success for an error.
        res.status(200).json(job);
      })
      .get(JOBS, (req, res) => void res.json(listPage(req, customizations.all(), derived)))
      .get(`${JOBS}/:id`, (req, res) => void res.json(found(param(req, 'id'))))
      .get(`${JOBS}/:id/status`, (req, res) => void res.json(found(param(req, 'id')).status_details))
      .get(
        `${JOBS}/:id/container-logs`,
        (req, res) => void res.json(containerLogsOf(found(param(req, 'id')))),
      )
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
    // Jobs have no name: what a request calls them is not kept.
    name: undefined,
    id,
    namespace: 'default',
    config: typeof body.config === 'string' ? body.config : config,
    config_snapshot: snapshotOf(platform, config, body.hyperparameters),
    dataset:
      typeof body.dataset === 'string' ? body.dataset : `${body.dataset.namespace}/${body.dataset.name}`,
    output_model: outputModel(body.output_model, id),
    status: 'created',
    status_details: newStatus(now),
    created_at: now,
    updated_at: now,
  };
}

function outputModel(name: string | null | undefined, jobId: string): string | null {
  if (!name) return null;
  return name.includes('@') ? name : `${name}@${jobId}`;
}

function resolveConfig(platform: Platform, config: z.infer<typeof NewJob>['config']): CustomizationConfig {
  if (typeof config !== 'string') return toConfig(config);
  const stored = platform.customizationConfigs.get(config);
  if (!stored) throw notFound(`customization config ${config}`);
  return stored;
}

/** The part of a config that a job uses, as it is now: a later change of the config does not reach the job. */
function snapshotOf(
  platform: Platform,
  config: CustomizationConfig,
  hyperparameters: CustomizationJob['hyperparameters'],
) {
  const option = config.training_options.find((one) => isSameKind(one, hyperparameters));
  if (!option) {
    const { training_type, finetuning_type } = hyperparameters;
    const wanted = `training_type ${training_type} with finetuning_type ${finetuning_type}`;
    throw unprocessable(['body', 'hyperparameters'], `the config has no training option for ${wanted}`);
  }
  const { base_model } = targetOf(platform, config);
  refuseUntrainable(platform, base_model);
  return {
    base_model,
    max_seq_length: config.max_seq_length,
    precision: config.training_precision,
    training_option: option,
    prompt_template: config.prompt_template,
  };
}
