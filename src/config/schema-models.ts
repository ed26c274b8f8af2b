/** The sections of the configuration file that name models. */
import { choice, flag, float, integer, text } from './lax.js';
import { count, ignored, imageShape, keys, modelName, optionalText } from './schema-parts.js';

const customizer = keys({
  target: text.describe("the platform's customization target, such as `meta/llama-3.2-1b-instruct@2.0`"),
  gpus: integer({ ge: 1 }).describe('GPUs of a training, on each node'),
  num_nodes: count(1).describe('nodes of a training'),
  tensor_parallel_size: count(1).describe('GPUs over which each layer is split'),
  data_parallel_size: count(1).describe('copies of the model that train side by side'),
  use_sequence_parallel: flag.default(false).describe('splits the sequence over the tensor-parallel GPUs'),
  micro_batch_size: count(1).describe('rows a GPU takes at once'),
  training_precision: text.default('bf16-mixed').describe("the platform's name of a number format"),
  max_seq_length: count(4096).describe('tokens of the longest training row'),
});

export const CANDIDATE = 'with model_name and context_length';

export const nim = keys(
  {
    model_name: modelName.describe('the candidate; of two entries with one name the first counts'),
    context_length: integer({ ge: 1 }).describe("tokens of the model's context; recorded with the run"),
    ...imageShape,
    deployment: choice(['managed', 'external'])
      .default('managed')
      .describe(
        '`managed`: deployed once for all runs that need it; `external`: served by others, behind the NIM proxy or at `url`',
      ),
    url: optionalText.describe('full URL of the chat completions of an external candidate'),
    model_type: text.default('llm').describe('taken, and without effect: every candidate answers chats'),
    customization_enabled: flag
      .default(false)
      .describe(
        'whether it is customized too; then `customizer_configs` is required, but in a file of the blueprint 0.1 or 0.2',
      ),
    customizer_configs: customizer.nullable().default(null).describe('how it is customized'),
  },
  CANDIDATE,
).refine((nim) => !nim.customization_enabled || nim.customizer_configs !== null, {
  path: ['customizer_configs'],
  message:
    'customizer_configs is required when customization_enabled is set to True: ' +
    'add it with at least target and gpus, or set customization_enabled: false',
});

/** `type` and `api_key_env` are words of the blueprint's versions 0.1 and 0.2, `model_id` of 0.1. */
export const judge = keys(
  {
    deployment_type: optionalText.describe(
      '`local` (also when left out): deployed once for all runs that need it; `remote`: an endpoint of its own, at `url`; `external`: ' +
        'served by others, behind the NIM proxy or at `url`',
    ),
    type: optionalText.describe('`deployment_type` in the words of the blueprint 0.1 and 0.2'),
    model_name: modelName.nullable().default(null).describe('the model that rates answers; required'),
    model_id: modelName
      .nullable()
      .default(null)
      .describe(
        '`model_name` in the words of the blueprint 0.1, which goes before it where `type` is `remote`',
      ),
    url: optionalText.describe('full URL of the chat completions of a remote judge'),
    api_key_env: optionalText.describe(
      "variable that holds the judge's key, before `LLM_JUDGE_API_KEY` and `NVIDIA_API_KEY`; of the blueprint 0.1 and 0.2",
    ),
    context_length: ignored('the platform knows it'),
    ...imageShape,
  },
  'with at least model_name: the model that rates answers',
);

const embeddingNim = keys({
  deployment_type: optionalText.describe(
    '`local` (also when left out): deployed while the datasets are built; `remote`: an endpoint of its own, at `url`; ' +
      '`external`: served by others, behind the NIM proxy or at `url`',
  ),
  model_name: modelName.nullable().default(null).describe('the embedding model; required'),
  url: optionalText.describe('full URL of the embeddings of a remote model'),
  context_length: ignored('longer texts are cut by the model'),
  ...imageShape,
});

const similarity = keys({
  relevance_ratio: float({ ge: 0, le: 1 })
    .nullable()
    .default(0.7)
    .describe(
      'share of the examples chosen by nearness alone; the others bring tools that are not shown yet',
    ),
  embedding_nim_config: embeddingNim
    .nullable()
    .default(null)
    .describe('the model that compares; required in this section'),
});

export const icl = keys({
  max_context_length: count(8192).describe('tokens of a request with its examples and answer'),
  reserved_tokens: integer({ ge: 0 }).default(2048).describe('tokens of these that are left for the answer'),
  max_examples: integer({ ge: 0 })
    .default(3)
    .describe('examples at most; not more than `data_split_config.eval_size`'),
  // null: 1, or as many as there may be.
  min_examples: integer({ ge: 0 })
    .nullable()
    .default(null)
    .describe('rows with fewer examples are counted in a warning; null: 1, or 0 where no example may be'),
  example_selection: choice(['uniform_distribution', 'semantic_similarity'])
    .default('uniform_distribution')
    .describe(
      '`uniform_distribution`: places are shared out over the tools, the shortest examples first; ' +
        '`semantic_similarity`: the training rows whose questions are nearest',
    ),
  similarity_config: similarity
    .nullable()
    .default(null)
    .describe('how examples are compared; required for `semantic_similarity`'),
})
  .refine((icl) => icl.example_selection !== 'semantic_similarity' || icl.similarity_config !== null, {
    path: ['similarity_config'],
    message: 'similarity_config is required when example_selection is semantic_similarity',
  })
  .refine((icl) => icl.similarity_config === null || icl.similarity_config.embedding_nim_config !== null, {
    path: ['similarity_config', 'embedding_nim_config'],
    message: 'embedding_nim_config is required within similarity_config: name the embedding model there',
  });
