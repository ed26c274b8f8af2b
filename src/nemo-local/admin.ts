import { Router } from 'express';
import type { Platform } from './platform.js';

/** `GET /admin/state`: everything that exists here and costs something, for audits. */
export function adminRoutes(platform: Platform): Router {
  return Router().get('/admin/state', (_req, res) => void res.json(stateOf(platform)));
}

/** Names, states and owners only; the services themselves answer with the rest. */
function stateOf({ deployments, customizations, evaluations, datasets, models, repositories }: Platform) {
  return {
    deployments: deployments.all().map(({ wire, serves: { model, gpus } }) => {
      const { namespace, name, status_details, project, custom_fields } = wire;
      return { namespace, name, model, gpus, status: status_details.status, project, custom_fields };
    }),
    customizations: customizations
      .all()
      .map(({ id, output_model, status, status_details, project, created_at }) => ({
        id,
        output_model,
        status,
        steps_completed: status_details.steps_completed,
        project,
        created_at,
      })),
    evaluations: evaluations
      .all()
      .map(({ id, status, status_details, project, custom_fields, created_at }) => ({
        id,
        status,
        samples_processed: status_details.samples_processed,
        project,
        custom_fields,
        created_at,
      })),
    datasets: datasets.all().map(({ namespace, name, project }) => ({ namespace, name, project })),
    models: models.all().map(({ namespace, name, project }) => ({ namespace, name, project })),
    repositories: repositories.all().map((repository) => ({
      type: repository.type,
      id: repository.id,
      files: (repositories.files(repository, 'main') ?? []).map(({ path, size }) => ({ path, size })),
    })),
  };
}
