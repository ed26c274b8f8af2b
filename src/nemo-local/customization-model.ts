import type { CustomizationJob } from './customization-job.js';
import { newId, timestamp } from './entity-ids.js';
import type { Platform } from './platform.js';

/** The entity of the model that a job makes exists from the start; only its `artifact.status` says whether there are weights. */
export function createModelEntity({ models }: Platform, job: CustomizationJob): void {
  const model = job.output_model;
  if (model === null || models.get(model)) return;
  const [namespace = '', name = ''] = model.split('/');
  const { lora, finetuning_type } = job.hyperparameters;
  const now = timestamp();
  models.put(model, {
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
      files_url: `hf://${model}`,
      backend_engine: 'nemo',
      precision: 'fp32',
    },
    created_at: now,
    updated_at: now,
  });
}

/** Says what became of the weights; an entity that somebody has deleted meanwhile stays away. */
export function noteArtifact(
  { models }: Platform,
  { output_model }: CustomizationJob,
  status: 'upload_completed' | 'upload_failed',
): void {
  const model = output_model === null ? undefined : models.get(output_model);
  if (!model || output_model === null) return;
  const artifact = { ...Object(model['artifact']), status };
  models.put(output_model, { ...model, artifact, updated_at: timestamp() });
}
