/** The configuration file: the blueprint's schema, every key of it, and ours; what it says of each is in the docs. */
import { z } from 'zod';
import { apiKeys } from './api-keys.js';
import { age, duration, pause } from './duration.js';
import { choice, flag, float, integer, text } from './lax.js';
import { CANDIDATE, icl, judge, nim } from './schema-models.js';
import { proxy } from './proxy.js';
import { count, ignored, optionalText, section } from './schema-parts.js';
import { splitShape } from './split.js';

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
  deployment_poll: pause.default(5_000).describe('how often a deployment is looked at; 24h at most'),
  customization_poll: pause.default(10_000).describe('how often a customization is looked at; 24h at most'),
  evaluation_poll: pause.default(5_000).describe('how often an evaluation is looked at; 24h at most'),
  deployment_stall: duration.default(3_600_000).describe('how long a deployment may show no sign of life'),
  customization_stall: duration.default(3_600_000).describe('how long a customization may show none'),
  evaluation_stall: duration.default(3_600_000).describe('how long an evaluation may show none'),
  heartbeat_timeout: duration
    .default(60_000)
    .describe("after how long a dead worker's waits are taken over by another"),
  retry_initial: duration
    .default(1_000)
    .describe('first pause before what failed in passing is tried again; it doubles each time'),
  retry_maximum: duration.default(60_000).describe('longest of these pauses'),
};

const gpuPool = {
  total_gpus: integer({ ge: 1 })
    .nullable()
    .default(null)
    .describe(
      'GPUs that deployments and trainings share; what does not fit waits; null: there are always enough',
    ),
  idle_ttl: duration
    .default(600_000)
    .describe('how long a model that nobody uses stays deployed; less when its GPUs are needed'),
  patience: duration
    .default(600_000)
    .describe('how long requests that need no further GPU may pass the first in the queue'),
  pass_interval: duration
    .default(300_000)
    .describe('how often to look for those that were terminated and hold GPUs'),
  grace: duration
    .default(300_000)
    .describe('after how long these are taken away; longer than `timing.heartbeat_timeout` and 60s together'),
  sweep_interval: duration
    .default(900_000)
    .describe(
      'how often to look for deployments, jobs and datasets that nobody knows of any more; 1s or more',
    ),
};

const gateway = {
  requests_per_minute: integer({ ge: 1 })
    .nullable()
    .default(60_000)
    .describe(
      'requests that one key, or without keys one address, may send; more are a 429; null: any number',
    ),
  drain: pause
    .nullable()
    .default(null)
    .describe(
      'how long a gateway that is stopped still serves, `/health` and `/ready` being a 503, so that a load balancer looks ' +
        'elsewhere; 24h at most; null: not at all',
    ),
  stop_timeout: pause
    .default(600_000)
    .describe(
      'how long requests that are under way may take to end once a gateway, or `flywheel proxy`, is stopped; as long as ' +
        "OpenAI's clients wait for a completion, unless told otherwise; 24h at most",
    ),
};

const retention = {
  logs: age
    .nullable()
    .default(null)
    .describe('age, by their `timestamp`, at which log records go, such as `90d`; null: never'),
  runs: age
    .nullable()
    .default(null)
    .describe(
      'how long after its end a job is deleted, with its datasets and customized models; null: never',
    ),
};

export const configFile = z.object(
  {
    nmp_config: section({
      nemo_base_url: optionalText.describe(
        'address of entity store, deployments, customizer and evaluator; required here or in the environment',
      ),
      nim_base_url: optionalText.describe('address of the NIM proxy; required here or in the environment'),
      datastore_base_url: optionalText.describe(
        'address of the data store; required here or in the environment',
      ),
      // The blueprint's own default, spelt as it is there.
      nmp_namespace: text.default('dwfbp').describe('namespace of everything a run makes on the platform'),
    }),
    logging_config: section({
      level: text
        .default('INFO')
        .describe('`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`; anything else is `INFO`'),
    }),
    storage_config: section({
      spool_dir: optionalText.describe(
        "private folder for a run's records while its datasets are built; null: `spool` in the data folder of `up` or `demo`, else in the temporary folder",
      ),
    }),
    mlflow_config: section({
      enabled: flag.default(false).describe('named in a warning when true: runs are not sent to MLflow'),
      tracking_uri: ignored('runs are not sent to MLflow'),
      experiment_name_prefix: ignored('runs are not sent to MLflow'),
      artifact_location: ignored('runs are not sent to MLflow'),
    }),
    llm_judge_config: judge,
    nims: z
      .array(nim, { error: `Input should be a list of candidates: add at least one, ${CANDIDATE}` })
      .min(1, `At least one NIM must be configured: add an entry ${CANDIDATE}`),
    training_config: section({
      training_type: text.default('sft').describe("the customizer's kind of training"),
      finetuning_type: text.default('lora').describe("the customizer's kind of fine-tuning"),
      epochs: count(2).describe('passes over the training rows'),
      batch_size: count(16).describe('rows of one step'),
      learning_rate: float({ gt: 0 }).default(1e-4).describe('size of the steps'),
    }),
    lora_config: section({
      adapter_dim: count(32).describe('rank of the adapter'),
      adapter_dropout: float({ ge: 0, lt: 1 })
        .default(0.1)
        .describe('share of the adapter left out in a step'),
    }),
    data_split_config: section(split),
    icl_config: z.preprocess((value) => value ?? {}, icl),
    evaluation_config: section({
      workload_type: choice(['auto', 'tool_calling', 'generic'])
        .default('auto')
        .describe('`auto`: tool calling if any record has a tool call'),
      max_tool_properties: integer({ ge: 1 })
        .nullable()
        .default(null)
        .describe('records with a tool of more parameters are left out; null keeps all'),
    }),
    verdict: section({
      target: float({ gt: 0, lt: 1 })
        .default(0.9)
        .describe('agreement with production that a candidate must reach'),
    }),
    gpu_pool: section(gpuPool),
    retention: section(retention),
    gateway: section(gateway),
    api_keys: apiKeys,
    proxy: section(proxy),
    timing: section(timing),
  },
  { error: 'the file should hold nmp_config, llm_judge_config, nims and so on, as config/config.yaml does' },
);

export type ConfigFile = z.output<typeof configFile>;
export type NimSection = ConfigFile['nims'][number];
export type JudgeSection = ConfigFile['llm_judge_config'];
export type IclSection = ConfigFile['icl_config'];
