/** The configuration file: the blueprint's schema, every key of it, and ours. */
import { z } from 'zod';
import { duration, pause } from './duration.js';
import { choice, flag, float, integer, text } from './lax.js';
import { splitShape } from './split.js';

/** A part of the file that is keys with values; `cure` says what to write where it is something else. */
const keys = <T extends z.core.$ZodShape>(shape: T, cure = `with keys such as ${Object.keys(shape)[0]}`) =>
  z.object(shape, { error: `Input should be a section ${cure}` });

/** A part of the file that may be left out, or left empty, when its keys have defaults. */
const section = <T extends z.core.$ZodShape>(shape: T) => z.preprocess((value) => value ?? {}, keys(shape));

const modelName = text.refine((name) => name.trim() !== '', {
  message: 'Input should be the name of a model, such as meta/llama-3.2-1b-instruct',
});

const optionalText = text.nullable().default(null);
const count = (fallback: number) => integer({ ge: 1 }).default(fallback);

/** What names the image of a model that is deployed. */
const imageShape = {
  registry_base: text.default('nvcr.io/nim'),
  tag: optionalText,
  gpus: integer({ ge: 1 }).nullable().default(null),
  pvc_size: optionalText,
};

const customizer = keys({
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

const CANDIDATE = 'with model_name and context_length';

const nim = keys(
  {
    model_name: modelName,
    context_length: integer({ ge: 1 }),
    ...imageShape,
    deployment: choice(['managed', 'external']).default('managed'),
    url: optionalText,
    model_type: text.default('llm'),
    customization_enabled: flag.default(false),
    customizer_configs: customizer.nullable().default(null),
  },
  CANDIDATE,
).refine((nim) => !nim.customization_enabled || nim.customizer_configs !== null, {
  path: ['customizer_configs'],
  message:
    'customizer_configs is required when customization_enabled is set to True: ' +
    'add it with at least target and gpus, or set customization_enabled: false',
});

/** `type` and `model_id` are the words of the blueprint's versions 0.1 and 0.2, `api_key_env` too. */
const judge = keys(
  {
    deployment_type: optionalText,
    type: optionalText,
    model_name: modelName.nullable().default(null),
    model_id: modelName.nullable().default(null),
    url: optionalText,
    api_key_env: optionalText,
    context_length: z.unknown().optional(),
    ...imageShape,
  },
  'with at least model_name: the model that rates answers',
);

const embeddingNim = keys({
  deployment_type: optionalText,
  model_name: modelName.nullable().default(null),
  url: optionalText,
  context_length: z.unknown().optional(),
  ...imageShape,
});

const similarity = keys({
  relevance_ratio: float({ ge: 0, le: 1 }).nullable().default(0.7),
  embedding_nim_config: embeddingNim.nullable().default(null),
});

const icl = keys({
  max_context_length: count(8192),
  reserved_tokens: integer({ ge: 0 }).default(2048),
  max_examples: integer({ ge: 0 }).default(3),
  // null: 1, or as many as there may be.
  min_examples: integer({ ge: 0 }).nullable().default(null),
  example_selection: choice(['uniform_distribution', 'semantic_similarity']).default('uniform_distribution'),
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
  min_reward: splitShape.min_reward.default(null),
  near_duplicate_similarity: splitShape.near_duplicate_similarity.default(null),
};

const timing = {
  deployment_poll: pause.default(5_000),
  customization_poll: pause.default(10_000),
  evaluation_poll: pause.default(5_000),
  deployment_stall: duration.default(3_600_000),
  customization_stall: duration.default(3_600_000),
  evaluation_stall: duration.default(3_600_000),
  heartbeat_timeout: duration.default(60_000),
  retry_initial: duration.default(1_000),
  retry_maximum: duration.default(60_000),
};

const gpuPool = {
  total_gpus: integer({ ge: 1 }).nullable().default(null),
  idle_ttl: duration.default(600_000),
  patience: duration.default(600_000),
  pass_interval: duration.default(300_000),
  grace: duration.default(300_000),
  sweep_interval: duration.default(900_000),
};

export const configFile = z.object(
  {
    nmp_config: section({
      nemo_base_url: optionalText,
      nim_base_url: optionalText,
      datastore_base_url: optionalText,
      // The blueprint's own default, spelt as it is there.
      nmp_namespace: text.default('dwfbp'),
    }),
    logging_config: section({ level: text.default('INFO') }),
    storage_config: section({ spool_dir: optionalText }),
    mlflow_config: section({
      enabled: flag.default(false),
      tracking_uri: z.unknown().optional(),
      experiment_name_prefix: z.unknown().optional(),
      artifact_location: z.unknown().optional(),
    }),
    llm_judge_config: judge,
    nims: z
      .array(nim, { error: `Input should be a list of candidates: add at least one, ${CANDIDATE}` })
      .min(1, `At least one NIM must be configured: add an entry ${CANDIDATE}`),
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
    gpu_pool: section(gpuPool),
    timing: section(timing),
  },
  { error: 'the file should hold nmp_config, llm_judge_config, nims and so on, as config/config.yaml does' },
);

export type ConfigFile = z.output<typeof configFile>;
export type NimSection = ConfigFile['nims'][number];
export type JudgeSection = ConfigFile['llm_judge_config'];
export type IclSection = ConfigFile['icl_config'];
