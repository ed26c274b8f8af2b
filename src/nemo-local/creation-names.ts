import type { CustomizationJob } from './customization-job.js';
import type { Deployment } from './deployments.js';
import type { NamedEntity } from './entity-routes.js';
import type { EvaluationJob } from './evaluation-job.js';

/** By what a kind of thing is counted. */
export const describeEntity = ({ id, namespace, name }: NamedEntity) => ({
  id,
  name: `${namespace}/${name}`,
});

export const describeDeployment = ({ wire }: Deployment) => describeEntity(wire);

/** Jobs have no name: a training is called what its model is to be called, without the job's own id. */
export const describeCustomization = ({ id, output_model, config_snapshot }: CustomizationJob) => ({
  id,
  name: (output_model ?? config_snapshot.base_model).replace(`@${id}`, ''),
});

/** An evaluation is called what its caller has written on it. */
export function describeEvaluation({ id, project, custom_fields, target }: EvaluationJob) {
  const labels = [project, ...Object.values(Object(custom_fields))].filter(
    (label) => typeof label === 'string',
  );
  return { id, name: labels.join('/') || modelNames(target).join('/') || target.type };
}

/** The names of an evaluation's model: of one that is served here, or of one elsewhere. */
export function modelNames(target: EvaluationJob['target']): string[] {
  if (target.type !== 'model') return [];
  return [typeof target.model === 'string' ? target.model : target.model.api_endpoint.model_id];
}
