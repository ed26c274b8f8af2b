import { type Router } from 'express';
import { z } from 'zod';
import { newId, timestamp } from './entity-ids.js';
import { entityRoutes, givenMembers, sentMembers, type NamedEntity } from './entity-routes.js';
import { parseBody, unprocessable } from './http-error.js';
import { Named } from './names.js';
import type { Platform } from './platform.js';
import {
  CustomizationTargetBody,
  Precision,
  baseModelOf,
  toTarget,
  type CustomizationTarget,
} from './customization-target.js';

const TRAINING_TYPES = ['sft', 'distillation', 'dpo', 'grpo'] as const;
const FINETUNING_TYPES = ['lora', 'lora_merged', 'all_weights'] as const;

/** How a model is trained; the pair is what a job chooses a config's option by. */
export const TrainingKind = z.looseObject({
  training_type: z.enum(TRAINING_TYPES),
  finetuning_type: z.enum(FINETUNING_TYPES),
});
export type TrainingKind = z.infer<typeof TrainingKind>;

/** Callers write null for what they leave out. */
export const given = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value) ? givenMembers(value) : value,
    schema,
  );

const TrainingOption = given(
  TrainingKind.extend({
    num_gpus: z.number().int().min(0),
    micro_batch_size: z.number().int().min(1),
    num_nodes: z.number().int().min(1).default(1),
    tensor_parallel_size: z.number().int().min(1).default(1),
    pipeline_parallel_size: z.number().int().min(1).default(1),
    use_sequence_parallel: z.boolean().default(false),
  }).transform((option) => ({ data_parallel_size: option.num_gpus * option.num_nodes, ...option })),
);

export type TrainingOption = z.infer<typeof TrainingOption>;

export const NewConfig = Named.extend({
  /** The model to train: `<base>@<version>`, or a target. */
  target: z.union([z.string().min(1), CustomizationTargetBody]),
  max_seq_length: z.number().int().min(1),
  training_options: z.array(TrainingOption).min(1),
  training_precision: Precision.default('bf16-mixed'),
  prompt_template: z.string().default('{prompt} {completion}'),
});

export type CustomizationConfig = NamedEntity & {
  target: string | CustomizationTarget;
  max_seq_length: number;
  training_options: TrainingOption[];
  training_precision: string;
  prompt_template: string;
};

const Changes = NewConfig.partial().extend({
  add_training_options: z.array(TrainingOption).optional(),
  remove_training_options: z.array(TrainingKind).optional(),
});

/** Configs: which training a model allows, and on how many GPUs. */
export function configRoutes(platform: Platform): Router {
  return entityRoutes<CustomizationConfig>({
    title: 'customization config',
    path: '/v1/customization/configs',
    entities: platform.customizationConfigs,
    create: (body) => toConfig(parseBody(NewConfig, body)),
    patch: patchConfig,
    // Nothing here makes a change of a config take effect late or not at all.
    patchNote: () => ({ warning_message: null }),
    sortable: ['target_enabled', 'num_parameters'],
    derived(config) {
      const target = targetOf(platform, config);
      return {
        training_type: config.training_options.map((option) => option.training_type),
        finetuning_type: config.training_options.map((option) => option.finetuning_type),
        target_name: target.name,
        target_base_model: target.base_model,
        target_enabled: target.enabled,
        enabled: target.enabled,
        num_parameters: target.num_parameters,
      };
    },
  });
}

export function toConfig({ target, ...body }: z.infer<typeof NewConfig>): CustomizationConfig {
  const id = newId('customization_config');
  const now = timestamp();
  return {
    description: null,
    project: null,
    custom_fields: {},
    ...body,
    target: typeof target === 'string' ? target : toTarget(target),
    name: body.name ?? id,
    id,
    created_at: now,
    updated_at: now,
  };
}

function patchConfig(config: CustomizationConfig, sent: unknown): CustomizationConfig {
  const body = sentMembers(sent);
  const { add_training_options = [], remove_training_options = [], ...changes } = parseBody(Changes, body);
  const options = (changes.training_options ?? config.training_options).filter(
    (option) => !remove_training_options.some((removed) => isSameKind(option, removed)),
  );
  const others = options.filter((option) => !add_training_options.some((added) => isSameKind(option, added)));
  if (others.length + add_training_options.length === 0)
    throw unprocessable(['body', 'remove_training_options'], 'leaves no training option');
  const given = Object.fromEntries(Object.entries(changes).filter(([key]) => key in body));
  return {
    ...config,
    ...given,
    target: config.target,
    training_options: [...others, ...add_training_options],
  };
}

export const isSameKind = (a: TrainingKind, b: TrainingKind): boolean =>
  a.training_type === b.training_type && a.finetuning_type === b.finetuning_type;

/** What a config trains: its own target, a stored one, or one that its name alone tells of. */
export function targetOf({ customizationTargets }: Platform, { target }: CustomizationConfig) {
  if (typeof target !== 'string') return target;
  const known = customizationTargets.get(target);
  return known ?? { name: target, base_model: baseModelOf(target), enabled: true, num_parameters: null };
}
