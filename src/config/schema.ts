/** The configuration file: the blueprint's schema, every key of it, and ours. */
import { z } from 'zod';
import { duration } from './duration.js';
import { choice, flag, float, integer, text } from './lax.js';
import { splitShape } from './split.js';

/** A part of the file that may be left out, or left empty, when its keys have defaults. */
const section = <T extends z.core.$ZodShape>(shape: T) =>
  z.preprocess((value) => value ?? {}, z.object(shape));

const optionalText = text.nullable().default(null);
const count = (fallback: number) => integer({ ge: 1 }).default(fallback);

/** What names the image of a model that is deployed. */
const imageShape = {
  registry_base: text.default('nvcr.io/nim'),
  tag: optionalText,
  gpus: integer({ ge: 1 }).nullable().default(null),
  pvc_size: optionalText,
};

const customizer = z.object({
  target: text,
  gpus: integer({ ge: 1 }),
  num_nodes: count(1),
  tensor_parallel_size: count(1),
  data_parallel_size: count(1),
  use_sequence_parallel: flag.default(false),
  micro_batch_size: count(1),
  training_precision: text.default('bf16-mixed'),
  max_seq_length: count(4096),
});

const nim = z
  .object({
    model_name: text,
    context_length: integer({ ge: 1 }),
    ...imageShape,
    deployment: choice(['managed', 'external']).default('managed'),
    url: optionalText,
    model_type: text.default('llm'),
    customization_enabled: flag.default(false),
    customizer_configs: customizer.nullable().default(null),
  })
  .refine((nim) => !nim.customization_enabled || nim.customizer_configs !== null, {
    path: ['customizer_configs'],
    message:
      'customizer_configs is required when customization_enabled is set to True: ' +
      'add it with at least target and gpus, or set customization_enabled: false',
  });

/** `type` and `model_id` are the words of the blueprint's versions 0.1 and 0.2, `api_key_env` too. */
const judge = z.object({
  deployment_type: optionalText,
  type: optionalText,
  model_name: optionalText,
  model_id: optionalText,
  url: optionalText,
  api_key_env: optionalText,
  context_length: z.unknown().optional(),
  ...imageShape,
});

const embeddingNim = z.object({
  deployment_type: optionalText,
  model_name: optionalText,
  url: optionalText,
  context_length: z.unknown().optional(),
  ...imageShape,
});

const similarity = z.object({
  relevance_ratio: float({ ge: 0, le: 1 }).nullable().default(0.7),
  embedding_nim_config: embeddingNim.nullable().default(null),
});

const icl = z
  .object({
    max_context_length: count(8192),
    reserved_tokens: integer({ ge: 0 }).default(2048),
    max_examples: integer({ ge: 0 }).default(3),
    min_examples: integer({ ge: 0 }).default(1),
    example_selection: choice(['uniform_distribution', 'semantic_similarity']).default(
      'uniform_distribution',
    ),
    similarity_config: similarity.nullable().default(null),
  })
  .refine((icl) => icl.example_selection !== 'semantic_similarity' || icl.similarity_config !== null, {
    path: ['similarity_config'],
    message: 'similarity_config is required when example_selection is semantic_similarity',
  })
  .refine((icl) => icl.similarity_config === null || icl.similarity_config.embedding_nim_config !== null, {
    path: ['similarity_config', 'embedding_nim_config'],
    message: 'embedding_nim_config is required within similarity_config: name the embedding model there',
  });

const split = {
  eval_size: splitShape.eval_size.default(20),
  val_ratio: splitShape.val_ratio.default(0.1),
  min_total_records: splitShape.min_total_records.default(50),
  random_seed: splitShape.random_seed.default(null),
  limit: splitShape.limit.default(10_000),
  parse_function_arguments: splitShape.parse_function_arguments.default(true),
};

const timing = {
  deployment_poll: duration.default(5_000),
  customization_poll: duration.default(10_000),
  evaluation_poll: duration.default(5_000),
  deployment_stall: duration.default(3_600_000),
  customization_stall: duration.default(3_600_000),
  evaluation_stall: duration.default(3_600_000),
  heartbeat_timeout: duration.default(60_000),
  retry_initial: duration.default(1_000),
  retry_maximum: duration.default(60_000),
};

export const configFile = z
  .object({
    nmp_config: section({
      nemo_base_url: optionalText,
      nim_base_url: optionalText,
      datastore_base_url: optionalText,
      // The blueprint's own default, spelt as it is there.
      nmp_namespace: text.default('dwfbp'),
    }),
    logging_config: section({ level: text.default('INFO') }),
    mlflow_config: section({
      enabled: flag.default(false),
      tracking_uri: z.unknown().optional(),
      experiment_name_prefix: z.unknown().optional(),
      artifact_location: z.unknown().optional(),
    }),
    llm_judge_config: judge,
    nims: z
      .array(nim)
      .min(1, 'At least one NIM must be configured: add an entry with model_name and context_length'),
    training_config: section({
      training_type: text.default('sft'),
      finetuning_type: text.default('lora'),
      epochs: count(2),
      batch_size: count(16),
      learning_rate: float({ gt: 0 }).default(1e-4),
    }),
    lora_config: section({
      adapter_dim: count(32),
      adapter_dropout: float({ ge: 0, lt: 1 }).default(0.1),
    }),
    data_split_config: section(split),
    icl_config: z.preprocess((value) => value ?? {}, icl),
    evaluation_config: section({
      workload_type: choice(['auto', 'tool_calling', 'generic']).default('auto'),
      max_tool_properties: integer({ ge: 1 }).nullable().default(null),
    }),
    verdict: section({ target: float({ gt: 0, lt: 1 }).default(0.9) }),
    timing: section(timing),
  })
  .superRefine(({ icl_config, data_split_config }, context) => {
    const { max_examples } = icl_config;
    const { eval_size } = data_split_config;
    if (max_examples <= eval_size) return;
    context.addIssue({
      code: 'custom',
      path: ['icl_config', 'max_examples'],
      message:
        `ICL max_examples (${max_examples}) cannot exceed data split eval_size (${eval_size}): ` +
        'lower the one or raise data_split_config.eval_size',
    });
  });

export type ConfigFile = z.output<typeof configFile>;
export type NimSection = ConfigFile['nims'][number];
export type JudgeSection = ConfigFile['llm_judge_config'];
