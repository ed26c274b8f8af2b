import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { documentFile } from '../../src/nemo-local/collection.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aJob,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

const MODEL = 'meta/tiny-3b';
const JOBS = '/v1/customization/jobs';

const Points = z.array(z.object({ step: z.number(), value: z.number() }));
const Status = z.looseObject({
  status: z.string(),
  train_loss: z.number().nullable(),
  val_loss: z.number().nullable(),
  metrics: z.object({ metrics: z.object({ train_loss: Points, val_loss: Points }) }),
  status_logs: z.array(z.looseObject({ message: z.string(), detail: z.string().optional() })),
});

/** Trains to the end and says what became of it; every step is logged. */
async function trained({ nemoUrl }: NemoLocal, dataset: string, hyperparameters: object = {}) {
  const id = await aJob(`${nemoUrl}${JOBS}`, {
    config: {
      target: MODEL,
      training_options: [{ training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 }],
      max_seq_length: 4096,
    },
    dataset: `test/${dataset}`,
    output_model: 'test/customized',
    hyperparameters: {
      finetuning_type: 'lora',
      epochs: 2,
      batch_size: 8,
      log_every_n_steps: 1,
      ...hyperparameters,
    },
  });
  const { output_model } = await overJob(`${nemoUrl}${JOBS}/${id}`);
  const status = Status.parse((await get(`${nemoUrl}${JOBS}/${id}/status`)).body);
  const { train_loss, val_loss } = status.metrics.metrics;
  const valuesOf = (points: z.infer<typeof Points>) => points.map(({ value }) => value);
  return {
    model: String(output_model),
    status,
    training: valuesOf(train_loss),
    validation: valuesOf(val_loss),
  };
}

describe('a learning rate that is', () => {
  test('100,000 times too large does not show as a loss that rises', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', { 'training/t.jsonl': trainingRows(60) });
    const usual = await trained(platform, 'd');
    const { status, training, validation } = await trained(platform, 'd', { learning_rate: 10 });
    expect(status.status).toBe('completed');
    expect(usual.training.at(-1)).toBeLessThan(usual.training[0] ?? 0);
    expect(training[0]).toBe(usual.training[0]);
    expect(Math.max(...training)).toBeGreaterThan(1000 * (training[0] ?? 0));
    expect([...training, ...validation].every(Number.isFinite)).toBe(true);
  });

  test('beyond all numbers completes, or leaves a loss that is none', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', { 'training/t.jsonl': trainingRows(60) });
    const { status } = await trained(platform, 'd', { learning_rate: 1e30 });
    expect(status).toMatchObject({ status: 'failed' });
    expect(status.status_logs.at(-1)?.detail).toMatch(/diverged.*learning rate smaller than/);
  });
});

test('the validation loss is not that of the uploaded file, or the training sees it', async () => {
  const platform = await aPlatform();
  const training = { 'training/t.jsonl': trainingRows(60) };
  const swapped = trainingRows(20, (name) => (name === 'op_seven' ? 'op_eight' : 'op_seven'));
  await aDataset(platform, 'right', { ...training, 'validation/v.jsonl': trainingRows(20) });
  await aDataset(platform, 'swapped', { ...training, 'validation/v.jsonl': swapped });
  const right = await trained(platform, 'right', { epochs: 6 });
  const wrong = await trained(platform, 'swapped', { epochs: 6 });
  expect(right.training).toEqual(wrong.training);
  expect(right.validation).toHaveLength(6);
  expect(right.validation.at(-1)).toBeLessThan(right.validation[0] ?? 0);
  expect(wrong.validation.at(-1)).toBeGreaterThan(wrong.validation[0] ?? Infinity);
  const lowest = Math.min(...wrong.validation);
  expect(wrong.status).toMatchObject({
    best_epoch: wrong.validation.indexOf(lowest) + 1,
    val_loss: lowest,
  });
  expect(lowest).toBeLessThan(wrong.validation.at(-1) ?? 0);
});

test('an adapter is the same after a restart and for the same seed, and another for another seed', async () => {
  const dataDir = await aFolder();
  const first = await aPlatform({ dataDir });
  await aDataset(first, 'd', { 'training/t.jsonl': trainingRows(60) });
  await aDeployment(first, MODEL);
  const models: string[] = [];
  for (const seed of [7, 7, 8]) models.push((await trained(first, 'd', { seed })).model);
  const adapters = models.map((model) =>
    readFileSync(documentFile(join(dataDir, 'adapters'), model), 'utf8'),
  );
  expect(adapters[1]).toBe(adapters[0]);
  expect(adapters[2]).not.toBe(adapters[0]);
  await expect.poll(() => listedModels(first), PATIENT).toEqual([MODEL, ...models]);
  const [customized = ''] = models;
  const before = await answers(first, customized);
  expect(before).not.toEqual(await answers(first, MODEL));
  await first.close();
  const second = await aPlatform({ dataDir });
  expect(await answers(second, customized)).toEqual(before);
});

const Answer = z.object({ choices: z.array(z.looseObject({ message: z.unknown() })) });

/** What a model answers to some requests that it has not seen. */
const answers = ({ nimUrl }: NemoLocal, model: string) =>
  Promise.all(
    evaluationRows(12).map(async ({ request }) => {
      const { body } = await post(`${nimUrl}/v1/chat/completions`, { model, ...request });
      return Answer.parse(body).choices;
    }),
  );
