import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aJob,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import { evaluationRows, toolCallTask, trainingRows } from '../support/order-traffic.js';

const MODEL = 'meta/tiny-3b';

async function train({ nemoUrl }: NemoLocal, dataset: string): Promise<string> {
  const jobs = `${nemoUrl}/v1/customization/jobs`;
  const id = await aJob(jobs, {
    config: {
      target: MODEL,
      training_options: [{ training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 }],
      max_seq_length: 4096,
    },
    dataset: `test/${dataset}`,
    output_model: `test/customized-${dataset}`,
    hyperparameters: { finetuning_type: 'lora', epochs: 4, batch_size: 16, lora: { adapter_dim: 32 } },
  });
  const { output_model } = await overJob(`${jobs}/${id}`);
  return String(output_model);
}

const Results = z.object({
  tasks: z.object({
    tools: z.object({
      metrics: z.object({
        'tool-calling-accuracy': z.object({
          scores: z.object({ function_name_accuracy: z.object({ value: z.number() }) }),
        }),
      }),
    }),
  }),
});

async function accuracy({ nemoUrl }: NemoLocal, model: string): Promise<number> {
  const jobs = `${nemoUrl}/v1/evaluation/jobs`;
  const url = `${jobs}/${await aJob(jobs, {
    config: { type: 'custom', tasks: { tools: toolCallTask('e') } },
    target: { type: 'model', model },
  })}`;
  expect(await overJob(url)).toMatchObject({ status: 'completed' });
  const { metrics } = Results.parse((await get(`${url}/results`)).body).tasks.tools;
  return metrics['tool-calling-accuracy'].scores.function_name_accuracy.value;
}

describe('a model customized over HTTP', () => {
  test('beats its base on rows it has not seen, unless its training answers were shuffled', async () => {
    const platform = await aPlatform();
    const names = ['op_seven', 'op_eight', 'op_nine'];
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(30) });
    await aDataset(platform, 'right', { 'training/t.jsonl': trainingRows(180) });
    // Each word is followed by each function equally often.
    const shuffled = trainingRows(180, (_name, index) => names[Math.floor(index / 3) % 3] ?? '');
    await aDataset(platform, 'shuffled', { 'training/t.jsonl': shuffled });
    await aDeployment(platform, MODEL);
    const customized = await train(platform, 'right');
    const misled = await train(platform, 'shuffled');
    await expect.poll(() => listedModels(platform), PATIENT).toEqual([MODEL, customized, misled]);
    const base = await accuracy(platform, MODEL);
    const learned = await accuracy(platform, customized);
    expect(learned).toBeGreaterThan(base);
    expect(learned).toBeGreaterThan((await accuracy(platform, misled)) + 0.2);
  });
});

test('a deleted customized model is no longer served', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'training/t.jsonl': trainingRows(20) });
  await aDeployment(platform, MODEL);
  const customized = await train(platform, 'd');
  await expect.poll(() => listedModels(platform), PATIENT).toContain(customized);
  await fetch(`${platform.nemoUrl}/v1/models/${customized}`, { method: 'DELETE' });
  expect(await listedModels(platform)).toEqual([MODEL]);
  const asked = await post(`${platform.nimUrl}/v1/chat/completions`, {
    model: customized,
    messages: [{ role: 'user', content: 'hi' }],
  });
  expect(asked.status).toBe(404);
});
