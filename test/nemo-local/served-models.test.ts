import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aJob,
  aPlatform,
  listedModels,
  overJob,
  post,
  send,
} from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';

const JOBS = '/v1/customization/jobs';
const DEPLOYMENTS = '/v1/deployment/model-deployments';

/** Trains the model and returns the name of what came of it. */
async function trained(platform: NemoLocal, finetuning_type: string): Promise<string> {
  const option = { training_type: 'sft', finetuning_type, num_gpus: 1, micro_batch_size: 1 };
  const id = await aJob(`${platform.nemoUrl}${JOBS}`, {
    config: {
      target: 'meta/tiny-1b@2.0',
      training_options: [option],
      max_seq_length: 4096,
      name: finetuning_type,
    },
    dataset: 'test/rows',
    output_model: `test/${finetuning_type}`,
    hyperparameters: { finetuning_type, epochs: 1 },
  });
  const job = await overJob(`${platform.nemoUrl}${JOBS}/${id}`);
  return z.object({ status: z.literal('completed'), output_model: z.string() }).parse(job).output_model;
}

test('whole trained weights are served by a deployment of their own, an adapter by its base', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'rows', { 'training/training.jsonl': trainingRows(12) });
  await aDeployment(platform, 'meta/tiny-1b');
  const adapter = await trained(platform, 'lora');
  const whole = await trained(platform, 'all_weights');
  expect(await listedModels(platform)).toEqual(['meta/tiny-1b', adapter]);
  await aDeployment(platform, whole);
  await send('DELETE', `${platform.nemoUrl}${DEPLOYMENTS}/test/meta-tiny-1b`);
  expect(await listedModels(platform)).toEqual([whole]);
  const messages = [{ role: 'user', content: 'hello' }];
  expect((await post(`${platform.nimUrl}/v1/chat/completions`, { model: whole, messages })).status).toBe(200);
});

test('a base deployed without LoRA support serves no adapter', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'rows', { 'training/training.jsonl': trainingRows(12) });
  await aDeployment(platform, 'meta/tiny-1b');
  const adapter = await trained(platform, 'lora');
  await expect.poll(() => listedModels(platform), PATIENT).toContain(adapter);
  const config = { model: 'meta/tiny-1b', nim_deployment: { gpu: 1, disable_lora_support: true } };
  await send('PATCH', `${platform.nemoUrl}${DEPLOYMENTS}/test/meta-tiny-1b`, { config });
  await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/tiny-1b']);
});
