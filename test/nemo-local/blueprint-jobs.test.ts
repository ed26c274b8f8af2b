import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aPlatform,
  get,
  listedModels,
  post,
  send,
} from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

/** What the customizer and evaluator modules of NVIDIA's blueprint send and read, call by call. */

const MODEL = 'meta/tiny-3b';
const JUDGE = 'meta/judge-70b';
const CONFIG = 'tiny-3b@v1.0.0+dfw';

const customizationConfig = {
  name: CONFIG,
  namespace: 'test',
  target: `${MODEL}@2.0`,
  training_options: [
    {
      training_type: 'sft',
      finetuning_type: 'lora',
      num_gpus: 1,
      num_nodes: 1,
      tensor_parallel_size: 1,
      data_parallel_size: 1,
      use_sequence_parallel: false,
      micro_batch_size: 1,
    },
  ],
  training_precision: 'bf16-mixed',
  max_seq_length: 4096,
};

const customizationJob = {
  name: 'customization-orders-meta/tiny-3b',
  output_model: 'test/customized-meta-tiny-3b',
  config: `test/${CONFIG}`,
  dataset: { name: 'ft', namespace: 'test' },
  hyperparameters: {
    training_type: 'sft',
    finetuning_type: 'lora',
    epochs: 2,
    batch_size: 16,
    learning_rate: 0.0001,
    lora: { adapter_dim: 32, adapter_dropout: 0.1 },
  },
};

const dataset = (name: string) => ({ files_url: `hf://datasets/test/${name}/eval_data.jsonl`, limit: 1000 });

const toolCallingConfig = {
  type: 'custom',
  tasks: {
    'custom-tool-calling': {
      type: 'chat-completion',
      dataset: dataset('eval'),
      params: {
        template: {
          messages: '{{ item.request.messages | tojson }}',
          tools: '{{ item.request.tools | tojson }}',
          tool_choice: 'required',
        },
      },
      metrics: {
        'tool-calling-accuracy': {
          type: 'tool-calling',
          params: {
            model: JUDGE,
            tool_calls_ground_truth: '{{ item.response.choices[0].message.tool_calls | tojson }}',
          },
        },
        correctness: {
          type: 'llm-judge',
          params: {
            model: JUDGE,
            template: {
              messages: [
                { role: 'system', content: 'Compare the tool calls. End with RATING: 1 or RATING: 0.' },
                {
                  role: 'user',
                  content:
                    '\n*Ground Truth*: {{item.response.choices[0].message.tool_calls}}\n' +
                    '*Prediction*: {{sample.response.choices[0].message.tool_calls}}\n',
                },
              ],
            },
            scores: { rating: { type: 'int', parser: { type: 'regex', pattern: 'RATING:\\s*(\\d+)' } } },
          },
        },
      },
    },
  },
};

const similarityConfig = {
  type: 'custom',
  tasks: {
    'llm-as-judge': {
      type: 'chat-completion',
      dataset: dataset('eval'),
      params: { template: { messages: '{{ item.request.messages | tojson }}' } },
      metrics: {
        'llm-judge': {
          type: 'llm-judge',
          params: {
            model: JUDGE,
            template: {
              messages: [
                { role: 'system', content: 'Rate the similarity from 1 to 10 with an integer only.' },
                {
                  role: 'user',
                  content:
                    '\nTASK / QUESTION\n<<<\n{{item.request.messages}}\n>>>\n' +
                    '\nREFERENCE ANSWER\n<<<\n{{item.response.choices[0].message.content}}\n>>>\n' +
                    '\nCANDIDATE ANSWER\n<<<\n{{sample.output_text}}\n>>>\n',
                },
              ],
            },
            scores: { similarity: { type: 'int', parser: { type: 'regex', pattern: '(\\d)' } } },
          },
        },
      },
    },
  },
};

const Id = z.object({ id: z.string() });

/** Polls as the blueprint does: any status that it does not know ends its wait with an error. */
async function pollEvaluation(url: string) {
  const known = z.looseObject({
    status: z.enum(['created', 'running', 'completed']),
    status_details: z.looseObject({ progress: z.number().nullish() }),
  });
  return vi.waitUntil(async () => {
    const job = known.parse((await get(url)).body);
    return job.status === 'completed' && job;
  }, PATIENT);
}

async function evaluate({ nemoUrl }: NemoLocal, config: object, model: string) {
  const created = await post(`${nemoUrl}/v1/evaluation/jobs`, { config, target: { type: 'model', model } });
  expect([200, 201]).toContain(created.status);
  const url = `${nemoUrl}/v1/evaluation/jobs/${Id.parse(created.body).id}`;
  expect((await pollEvaluation(url)).status_details.progress).toBe(100);
  const results = await get(`${url}/results`);
  expect(results.status).toBe(200);
  expect([200, 204]).toContain((await send('DELETE', url)).status);
  return results.body;
}

test("the blueprint's customizer cannot train, find and delete a model", async () => {
  const platform = await aPlatform();
  const { nemoUrl } = platform;
  await aDeployment(platform, MODEL);
  await aDataset(platform, 'ft', {
    'training/training_data.jsonl': trainingRows(32),
    'validation/validation_data.jsonl': trainingRows(6),
  });
  const configs = `${nemoUrl}/v1/customization/configs`;
  expect((await post(configs, customizationConfig)).status).toBe(200);
  expect((await post(configs, customizationConfig)).status).toBe(409);

  const created = await post(`${nemoUrl}/v1/customization/jobs`, customizationJob);
  expect(created.status).toBe(200);
  const { id } = Id.parse(created.body);
  const model = `test/customized-meta-tiny-3b@${id}`;
  expect(created.body).toMatchObject({
    output_model: model,
    status: 'created',
    dataset: 'test/ft',
    config: `test/${CONFIG}`,
    config_snapshot: { base_model: MODEL, training_option: { num_nodes: 1, data_parallel_size: 1 } },
    hyperparameters: { lora: { adapter_dim: 32, alpha: 16 } },
  });
  expect(created.body).not.toHaveProperty('name');
  await vi.waitUntil(async () => {
    const { body } = await get(`${nemoUrl}/v1/customization/jobs/${id}/status`);
    const known = z.looseObject({ status: z.enum(['created', 'pending', 'running', 'completed']) });
    return known.parse(body).status === 'completed';
  }, PATIENT);
  expect((await get(`${nemoUrl}/v1/customization/jobs/${id}/status`)).body).toMatchObject({
    percentage_done: 100,
    epochs_completed: 2,
    steps_completed: 4,
  });
  await expect.poll(() => listedModels(platform), PATIENT).toContain(model);

  const cancelled = await post(`${nemoUrl}/v1/customizations/${id}/cancel`);
  expect(cancelled.status).toBe(409);
  expect((await get(`${nemoUrl}/v1/models/${model}`)).status).toBe(200);
  expect((await send('DELETE', `${nemoUrl}/v1/models/${model}`)).status).toBe(200);
  expect((await send('DELETE', `${configs}/test/${CONFIG}`)).status).toBe(200);
});

test("the blueprint's evaluator cannot read its tool-calling scores", async () => {
  const platform = await aPlatform();
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE);
  await aDataset(platform, 'eval', { 'eval_data.jsonl': evaluationRows(6) });
  const Score = z.object({ value: z.number(), stats: z.object({ count: z.literal(6) }) });
  const results = z
    .object({
      tasks: z.object({
        'custom-tool-calling': z.object({
          metrics: z.object({
            'tool-calling-accuracy': z.object({
              scores: z.object({ function_name_accuracy: Score, function_name_and_args_accuracy: Score }),
            }),
            correctness: z.object({ scores: z.object({ rating: Score }) }),
          }),
        }),
      }),
    })
    .parse(await evaluate(platform, toolCallingConfig, MODEL));
  const { metrics } = results.tasks['custom-tool-calling'];
  // The judge compares the same calls, so that it agrees with the comparison of names and arguments.
  expect(metrics.correctness.scores.rating.value).toBe(
    metrics['tool-calling-accuracy'].scores.function_name_and_args_accuracy.value,
  );
});

test("the blueprint's evaluator cannot read its similarity", async () => {
  const platform = await aPlatform();
  await aDeployment(platform, MODEL);
  await aDeployment(platform, JUDGE);
  const rows = evaluationRows(4).map(({ request: { messages } }) => ({
    request: { messages },
    response: { choices: [{ message: { role: 'assistant', content: 'It is done.' } }] },
  }));
  await aDataset(platform, 'eval', { 'eval_data.jsonl': rows });
  expect(await evaluate(platform, similarityConfig, MODEL)).toMatchObject({
    tasks: {
      'llm-as-judge': {
        metrics: {
          'llm-judge': {
            scores: { similarity: { value: expect.any(Number), stats: { count: 4, nan_count: 0 } } },
          },
        },
      },
    },
  });
});

test("the blueprint's customizer cannot read why a customization failed", async () => {
  const platform = await aPlatform();
  await post(`${platform.nemoUrl}/v1/customization/configs`, customizationConfig);
  const { body } = await post(`${platform.nemoUrl}/v1/customization/jobs`, customizationJob);
  const url = `${platform.nemoUrl}/v1/customization/jobs/${Id.parse(body).id}/status`;
  await expect
    .poll(async () => (await get(url)).body, PATIENT)
    .toMatchObject({
      status: 'failed',
      status_logs: expect.arrayContaining([
        expect.objectContaining({ detail: expect.stringContaining('test/ft is not registered') }),
      ]),
    });
});
