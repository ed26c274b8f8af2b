import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aJob, get } from './local-platform.js';
import { toolCallTask } from './order-traffic.js';

export const CUSTOMIZATIONS = '/v1/customization/jobs';
export const EVALUATIONS = '/v1/evaluation/jobs';

interface Training {
  model: string;
  gpus?: number;
  nodes?: number;
  output?: string;
  dataset?: string;
}

/** The body of a training job on dataset `test/d`. */
export const trainingBody = ({
  model,
  gpus = 1,
  nodes = 1,
  output = 'test/out',
  dataset = 'd',
}: Training) => ({
  config: {
    target: `${model}@1`,
    max_seq_length: 4096,
    training_options: [
      {
        training_type: 'sft',
        finetuning_type: 'lora',
        num_gpus: gpus,
        num_nodes: nodes,
        micro_batch_size: 1,
      },
    ],
  },
  dataset: { name: dataset, namespace: 'test' },
  output_model: output,
  hyperparameters: { finetuning_type: 'lora', epochs: 2, batch_size: 4, learning_rate: 0.001 },
});

/** Starts a training on dataset `test/d` and returns its URL. */
export async function aTraining({ nemoUrl }: NemoLocal, training: Training): Promise<string> {
  return `${nemoUrl}${CUSTOMIZATIONS}/${await aJob(`${nemoUrl}${CUSTOMIZATIONS}`, trainingBody(training))}`;
}

/** The body of an evaluation over dataset `test/e`. */
export const evaluationBody = (model: string, label = 'base') => ({
  project: 'run-1',
  custom_fields: { label },
  config: { type: 'custom', tasks: { tools: toolCallTask('e') } },
  target: { type: 'model', model },
});

/** Starts an evaluation over dataset `test/e` and returns its URL. */
export async function anEvaluation({ nemoUrl }: NemoLocal, model: string, label?: string): Promise<string> {
  return `${nemoUrl}${EVALUATIONS}/${await aJob(`${nemoUrl}${EVALUATIONS}`, evaluationBody(model, label))}`;
}

/** What `GET /admin/<what>` answers. */
export const admin = async ({ nemoUrl }: NemoLocal, what: 'state' | 'faults') =>
  (await get(`${nemoUrl}/admin/${what}`)).body;
