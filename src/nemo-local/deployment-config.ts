import { z } from 'zod';
import { nameFields } from './names.js';

/** Callers write null for what they leave out. */
const NimDeployment = z.looseObject({
  gpu: z.number().int().min(0).nullish(),
  image_name: z.string().nullish(),
  image_tag: z.string().nullish(),
  pvc_size: z.string().nullish(),
  additional_envs: z.record(z.string(), z.string()).nullish(),
  disable_lora_support: z.boolean().nullish(),
});

const ModelRef = z.union([
  z.string().min(1),
  z.looseObject({ name: z.string().min(1), namespace: z.string().nullish() }),
]);

/** An inline config of a deployment; its model may be a name or a model entity. */
export const InlineConfig = z.looseObject({
  model: ModelRef,
  nim_deployment: NimDeployment.nullish(),
});

/** A stored config may speak of a model elsewhere, or of none yet; whether it can be served is asked of a deployment. */
export const NewDeploymentConfig = InlineConfig.extend({
  ...nameFields,
  model: ModelRef.nullish(),
  external_endpoint: z.looseObject({ host_url: z.string().min(1) }).nullish(),
  description: z.string().nullish(),
  project: z.string().nullish(),
});

/** What a config says about what to serve. */
export interface Serving {
  model: string;
  gpus: number;
  /** Whether adapters of the model are served with it. */
  lora: boolean;
}

/** `gpusOf` knows what a model takes whose config does not say. */
export function servingOf(
  { model, nim_deployment }: z.infer<typeof InlineConfig>,
  gpusOf: (model: string) => number,
): Serving {
  return {
    model: nameOf(model),
    gpus: nim_deployment?.gpu ?? gpusOf(nameOf(model)),
    lora: nim_deployment?.disable_lora_support !== true,
  };
}

const nameOf = (model: z.infer<typeof ModelRef>) =>
  typeof model === 'string' ? model : model.namespace ? `${model.namespace}/${model.name}` : model.name;
