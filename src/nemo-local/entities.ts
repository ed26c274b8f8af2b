import { z } from 'zod';
import { NAME, nameFields } from './names.js';

/** Any object, or nothing. */
const Free = z.record(z.string(), z.unknown()).nullish();
const Text = z.string().nullish();

const Ownership = z
  .looseObject({
    created_by: Text,
    updated_by: Text,
    access_policies: z.record(z.string(), z.string()).nullish(),
  })
  .nullish();

const Described = z.looseObject({
  description: Text,
  project: Text,
  custom_fields: Free,
  ownership: Ownership,
});

const Named = Described.extend({
  ...nameFields,
});

export const NewNamespace = Described.extend({ id: z.string().regex(NAME) });
export const NewProject = Named;

export const NewDataset = Named.extend({
  files_url: z.string().min(1),
  format: Text,
  split: Text,
  limit: z.number().int().nullish(),
  hf_endpoint: Text,
});

const Artifact = z.looseObject({
  files_url: z.string(),
  status: z.enum(['created', 'upload_failed', 'upload_completed']),
  backend_engine: z.enum(['nemo', 'trt_llm', 'vllm', 'faster_transformer', 'hugging_face']).nullish(),
  gpu_arch: Text,
  precision: z.enum(['int8', 'bf16', 'fp16', 'fp32', 'fp8-mixed', 'bf16-mixed']).nullish(),
  tensor_parallelism: z.number().int().nullish(),
});

const ApiEndpoint = z.looseObject({
  url: z.string(),
  model_id: z.string(),
  api_key: Text,
  // `lama_stack`: so the platform spells it.
  format: z.enum(['nim', 'openai', 'lama_stack']).nullish(),
});

const Peft = z.looseObject({
  finetuning_type: z.string(),
  lora: z
    .looseObject({
      alpha: z.number().int(),
      apply_lora_to_mlp: z.boolean(),
      apply_lora_to_output: z.boolean(),
    })
    .nullish(),
  p_tuning: Free,
});

const Spec = z.looseObject({
  context_size: z.number().int(),
  is_chat: z.boolean(),
  num_parameters: z.number().int(),
  num_virtual_tokens: z.number().int(),
});

const Prompt = z.looseObject({
  system_prompt: Text,
  system_prompt_template: Text,
  icl_few_shot_examples: Text,
  inference_params: Free,
  reasoning_params: Free,
});

export const NewModel = Named.extend({
  base_model: z.union([z.string(), z.looseObject({})]).nullish(),
  artifact: Artifact.nullish(),
  api_endpoint: ApiEndpoint.nullish(),
  peft: Peft.nullish(),
  prompt: Prompt.nullish(),
  guardrails: Free,
  spec: Spec.nullish(),
  model_providers: z.array(z.string()).nullish(),
});
