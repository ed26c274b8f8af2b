import { z } from 'zod';
import {
  NewConfig,
  TrainingKind,
  given,
  type CustomizationConfig,
  type TrainingOption,
} from './customization-config.js';
import { Tool } from './training-row.js';

const DatasetRef = z.union([
  z.string().min(1),
  z.looseObject({ name: z.string(), namespace: z.string().default('default') }),
]);

const isPowerOfTwo = (value: number) => Number.isInteger(Math.log2(value));

const Hyperparameters = given(
  TrainingKind.extend({
    training_type: TrainingKind.shape.training_type
      .default('sft')
      .refine((type) => type === 'sft', 'nemo-local trains by sft alone'),
    epochs: z.number().int().min(1).default(1),
    batch_size: z.number().int().min(1).default(16),
    learning_rate: z.number().positive().default(0.0001),
    log_every_n_steps: z.number().int().min(1).default(10),
    sequence_packing_enabled: z.boolean().default(false),
    seed: z.number().int().optional(),
    lora: given(
      z.looseObject({
        // More would not fit into memory.
        adapter_dim: z.number().int().min(1).max(1024).refine(isPowerOfTwo, 'is not a power of 2').default(8),
        adapter_dropout: z.number().min(0).max(1).default(0.1),
        alpha: z.number().default(16),
      }),
    ).prefault({}),
  }),
);

/** Tools for all rows that name none of their own. */
const DatasetParameters = z.looseObject({ tools: z.array(Tool).nullish() });

export const NewJob = z.looseObject({
  config: z.union([z.string().min(1), NewConfig]),
  dataset: DatasetRef,
  hyperparameters: Hyperparameters,
  dataset_parameters: DatasetParameters.nullish(),
  /** Left out, the weights are trained and not kept as a model. */
  output_model: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, 'expected namespace/name')
    .nullish(),
  project: z.string().nullish(),
});

export interface StatusLog {
  updated_at: string;
  message: string;
  detail?: string;
}

interface MetricPoint {
  step: number;
  timestamp: string;
  value: number;
}

export interface CustomizationStatus {
  created_at: string;
  updated_at: string;
  status: 'created' | 'pending' | 'running' | 'cancelling' | 'cancelled' | 'failed' | 'completed';
  /** Seconds. */
  elapsed_time: number;
  epochs_completed: number;
  steps_completed: number;
  steps_per_epoch: number;
  /** Counts whole epochs only. */
  percentage_done: number;
  best_epoch: number | null;
  train_loss: number | null;
  val_loss: number | null;
  metrics: { keys: string[]; metrics: { train_loss: MetricPoint[]; val_loss: MetricPoint[] } };
  status_logs: StatusLog[];
}

export interface CustomizationJob {
  id: string;
  namespace: string;
  /** `<namespace>/<name>` of a stored config, or the config itself. */
  config: string | CustomizationConfig;
  config_snapshot: {
    base_model: string;
    training_option: TrainingOption;
    prompt_template: string;
    [member: string]: unknown;
  };
  /** `<namespace>/<name>` of the dataset entity. */
  dataset: string;
  hyperparameters: z.infer<typeof Hyperparameters>;
  dataset_parameters?: z.infer<typeof DatasetParameters> | null | undefined;
  /** `<namespace>/<name>@<revision>`; null when the weights are not kept. */
  output_model: string | null;
  status: CustomizationStatus['status'];
  status_details: CustomizationStatus;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

/** What a job trains on, all nodes together. */
export const gpusOf = ({ config_snapshot: { training_option } }: CustomizationJob): number =>
  training_option.num_gpus * training_option.num_nodes;

/** The status of a job that has done nothing yet. */
export function newStatus(now: string): CustomizationStatus {
  return {
    created_at: now,
    updated_at: now,
    status: 'created',
    elapsed_time: 0,
    epochs_completed: 0,
    steps_completed: 0,
    steps_per_epoch: 0,
    percentage_done: 0,
    best_epoch: null,
    train_loss: null,
    val_loss: null,
    metrics: { keys: ['train_loss', 'val_loss'], metrics: { train_loss: [], val_loss: [] } },
    status_logs: [{ updated_at: now, message: 'created' }],
  };
}
