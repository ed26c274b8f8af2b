import type { Collection } from './collection.js';
import type { Platform } from './platform.js';

/** Names, states and owners only; the services themselves answer with the rest. */
export function stateOf(platform: Platform) {
  const { deployments, customizations, evaluations, datasets, models, repositories } = platform;
  return {
    gpus: platform.gpus.state(),
    jobs: { customizations: byStatus(customizations), evaluations: byStatus(evaluations) },
    creations: platform.creations.byName(),
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

/** How many jobs are in which state. */
function byStatus(jobs: Collection<{ status: string }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of jobs.all()) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
