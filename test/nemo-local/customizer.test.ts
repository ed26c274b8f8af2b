import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
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
import { trainingRows } from '../support/order-traffic.js';

const JOBS = '/v1/customization/jobs';

const aConfig = ({ nemoUrl }: NemoLocal, target: string) =>
  post(`${nemoUrl}/v1/customization/configs`, {
    name: `${target.replace('/', '-')}@v1.0.0+dfw`,
    namespace: 'test',
    target: `${target}@2.0`,
    training_options: [{ training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 }],
    max_seq_length: 4096,
  });

const jobBody = (target: string, dataset: string) => ({
  name: 'ignored',
  config: `test/${target.replace('/', '-')}@v1.0.0+dfw`,
  dataset: { name: dataset, namespace: 'test' },
  output_model: 'test/customized',
  project: 'run-1',
  description: 'd',
  custom_fields: { k: 'v' },
  hyperparameters: {
    training_type: 'sft',
    finetuning_type: 'lora',
    epochs: 2,
    batch_size: 4,
    learning_rate: 0.0001,
    lora: { adapter_dim: 16, adapter_dropout: 0.1 },
  },
});

async function aCustomization(
  platform: NemoLocal,
  target: string,
  files: Record<string, unknown[] | string>,
) {
  await aDataset(platform, 'd', files);
  await aConfig(platform, target);
  return `${platform.nemoUrl}${JOBS}/${await aJob(`${platform.nemoUrl}${JOBS}`, jobBody(target, 'd'))}`;
}

const Steps = z.object({ status: z.literal('running'), steps_completed: z.number().min(1) });

/** Waits until a job is seen training. */
const trainingSteps = (url: string) =>
  vi.waitFor(async () => Steps.parse((await get(`${url}/status`)).body), PATIENT);

const Points = z.array(z.object({ step: z.number(), value: z.number() }));
const Losses = z.looseObject({
  metrics: z.object({ metrics: z.object({ train_loss: Points, val_loss: Points }) }),
});

describe('a customization', () => {
  test('does not train on the uploaded rows: its loss does not fall, its steps do not count, or its adapter is not served', async () => {
    const platform = await aPlatform();
    await aDeployment(platform, 'meta/tiny-3b');
    const url = await aCustomization(platform, 'meta/tiny-3b', {
      'training/a.jsonl': trainingRows(30),
      'training/b.jsonl': trainingRows(30),
      'validation/v.jsonl': trainingRows(12),
    });
    const job = await overJob(url);
    expect(job).toMatchObject({
      status: 'completed',
      dataset: 'test/d',
      project: 'run-1',
      description: 'd',
      custom_fields: { k: 'v' },
    });
    expect(job['output_model']).toBe(`test/customized@${job.id}`);
    const status = (await get(`${url}/status`)).body;
    expect(status).toMatchObject({
      status: 'completed',
      epochs_completed: 2,
      steps_completed: 30,
      steps_per_epoch: 15,
      percentage_done: 100,
    });
    const { train_loss, val_loss } = Losses.parse(status).metrics.metrics;
    // Steps count from 0: every tenth is logged, and the last of each epoch is validated.
    expect(train_loss.map(({ step }) => step)).toEqual([9, 19, 29]);
    expect(val_loss.map(({ step }) => step)).toEqual([14, 29]);
    expect(val_loss[1]?.value).toBeLessThan(val_loss[0]?.value ?? 0);
    expect(status).toMatchObject({
      best_epoch: 2,
      train_loss: train_loss[2]?.value,
      val_loss: val_loss[1]?.value,
    });
    await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/tiny-3b', job['output_model']]);
    expect((await get(`${platform.nemoUrl}/v1/models/${String(job['output_model'])}`)).body).toMatchObject({
      base_model: 'meta/tiny-3b',
      artifact: { status: 'upload_completed' },
      project: 'run-1',
    });
  });

  test('counts part of an epoch as one while it runs, or not the best of them so far', async () => {
    const platform = await aPlatform();
    const url = await aCustomization(platform, 'meta/hang-training-at-15-1b', {
      'training/a.jsonl': trainingRows(40),
      'validation/v.jsonl': trainingRows(12),
    });
    const status = async () => (await get(`${url}/status`)).body;
    await expect
      .poll(status, PATIENT)
      .toMatchObject({ status: 'running', steps_completed: 15, steps_per_epoch: 10 });
    const now = await status();
    const { train_loss, val_loss } = Losses.parse(now).metrics.metrics;
    expect(now).toMatchObject({
      epochs_completed: 1,
      percentage_done: 50,
      best_epoch: 1,
      val_loss: val_loss[0]?.value,
    });
    expect([...train_loss, ...val_loss].map(({ step }) => step)).toEqual([9, 9]);
    await post(`${url}/cancel`);
    await overJob(url);
  });

  test('holds out no tenth of its rows when it has no validation file', async () => {
    const platform = await aPlatform();
    const url = await aCustomization(platform, 'meta/tiny-1b', { 'training/a.jsonl': trainingRows(40) });
    await overJob(url);
    expect((await get(`${url}/status`)).body).toMatchObject({
      steps_per_epoch: 9,
      val_loss: expect.any(Number),
    });
  });

  test.each([
    ['{prompt} {completion}', 'prompt', 'completion'],
    ['Q: {question}\nA: {answer}', 'question', 'answer'],
  ])(
    'does not learn to answer from rows of texts, put together as %s',
    async (prompt_template, asked, said) => {
      const platform = await aPlatform();
      const rows = Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0
          ? { [asked]: `Where is parcel ${i}?`, [said]: 'It left our house on Monday.' }
          : { [asked]: `May I pay order ${i} by cheque?`, [said]: 'We take cards alone.' },
      );
      await aDataset(platform, 'texts', { 'training/a.jsonl': rows });
      const config = {
        target: 'meta/tiny-3b',
        training_options: [
          { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 },
        ],
        max_seq_length: 4096,
        prompt_template,
      };
      await aDeployment(platform, 'meta/tiny-3b');
      const id = await aJob(`${platform.nemoUrl}${JOBS}`, { ...jobBody('meta/tiny-3b', 'texts'), config });
      const { output_model: model } = await overJob(`${platform.nemoUrl}${JOBS}/${id}`);
      const answers = async (prompt: string) =>
        Object((await post(`${platform.nimUrl}/v1/completions`, { model, prompt })).body).choices?.[0]?.text;
      await expect.poll(() => answers('Where is parcel 77?'), PATIENT).toBe('It left our house on Monday.');
      expect(await answers('May I pay order 78 by cheque?')).toBe('We take cards alone.');
    },
  );

  test('does not learn calls of the tools that are given for all rows at once', async () => {
    const platform = await aPlatform();
    const rows = trainingRows(40);
    const tools = rows[0]?.tools;
    const trained = async (name: string, training: object[], dataset_parameters?: object) => {
      await aDataset(platform, name, { 'training/a.jsonl': training });
      const body = { ...jobBody('meta/tiny-1b', name), output_model: null, dataset_parameters };
      const url = `${platform.nemoUrl}${JOBS}/${await aJob(`${platform.nemoUrl}${JOBS}`, body)}`;
      await overJob(url);
      return Losses.parse((await get(`${url}/status`)).body).metrics.metrics.val_loss.map(
        ({ value }) => value,
      );
    };
    await aConfig(platform, 'meta/tiny-1b');
    const bare = rows.map(({ messages }) => ({ messages }));
    const inRows = await trained(
      'in-rows',
      rows.map((row) => ({ ...row, tools })),
    );
    expect(await trained('for-all', bare, { tools })).toEqual(inRows);
    expect(await trained('none', bare)).not.toEqual(inRows);
  });

  test.each([
    [
      'an empty training file',
      { 'training/a.jsonl': '', 'validation/v.jsonl': trainingRows(3) },
      'has no training row',
    ],
    [
      'a line that is not JSON',
      { 'training/a.jsonl': `${JSON.stringify(trainingRows(1)[0])}\n{"mess` },
      'training/a.jsonl line 2 is not JSON',
    ],
    [
      'a row of neither messages nor prompt and completion',
      { 'training/a.jsonl': [{ prompt: 'hi', answer: 'Hello.' }] },
      'line 1: row: has no messages, nor the texts of the prompt template {prompt} {completion}',
    ],
    [
      'a completion that is no text',
      { 'training/a.jsonl': [{ prompt: 'hi', completion: 1 }] },
      'line 1: completion: Invalid input: expected string',
    ],
    [
      'a row without an answer',
      { 'training/a.jsonl': [{ messages: [{ role: 'user', content: 'hi' }] }] },
      'line 1: messages: the last message',
    ],
  ])('of %s does not fail, or without the reason', async (_what, files, reason) => {
    const platform = await aPlatform();
    const url = await aCustomization(platform, 'meta/tiny-1b', files);
    expect(await overJob(url)).toMatchObject({ status: 'failed' });
    expect((await get(`${url}/status`)).body).toMatchObject({
      status_logs: expect.arrayContaining([
        expect.objectContaining({ detail: expect.stringContaining(reason) }),
      ]),
    });
  });

  test('of a dataset that is not there does not fail, or of a config that is not there is not refused', async () => {
    const platform = await aPlatform();
    await aConfig(platform, 'meta/tiny-1b');
    const id = await aJob(`${platform.nemoUrl}${JOBS}`, jobBody('meta/tiny-1b', 'none'));
    expect(JSON.stringify(await overJob(`${platform.nemoUrl}${JOBS}/${id}`))).toContain(
      'test/none is not registered',
    );
    expect(await post(`${platform.nemoUrl}${JOBS}`, jobBody('meta/other', 'none'))).toMatchObject({
      status: 404,
    });
  });

  test('that fails in training leaves an adapter', async () => {
    const platform = await aPlatform();
    await aDeployment(platform, 'meta/fail-training-1b');
    const url = await aCustomization(platform, 'meta/fail-training-1b', {
      'training/a.jsonl': trainingRows(40),
    });
    const job = await overJob(url);
    expect(job.status).toBe('failed');
    expect((await get(`${url}/status`)).body).toMatchObject({ epochs_completed: 1, percentage_done: 50 });
    expect(await listedModels(platform)).toEqual(['meta/fail-training-1b']);
    expect(JSON.stringify((await get(`${platform.nemoUrl}/v1/models`)).body)).toContain('upload_failed');
  });

  test('that is slow cannot be cancelled, or other requests are not answered meanwhile', async () => {
    const platform = await aPlatform();
    const url = await aCustomization(platform, 'meta/slow-training-1b', {
      'training/a.jsonl': trainingRows(40),
    });
    await trainingSteps(url);
    expect(await post(`${url}/cancel`)).toMatchObject({ status: 200, body: { status: 'cancelling' } });
    expect(await overJob(url)).toMatchObject({ status: 'cancelled' });
    expect((await post(`${url}/cancel`)).status).toBe(409);
  });

  test('that runs when the process ends is not begun again by the next', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir });
    const url = await aCustomization(first, 'meta/slow-training-1b', {
      'training/a.jsonl': trainingRows(40),
    });
    await vi.waitFor(async () => expect((await get(url)).body).toMatchObject({ status: 'running' }), PATIENT);
    await first.close();
    const second = await aPlatform({ dataDir });
    const again = url.replace(first.nemoUrl, second.nemoUrl);
    await trainingSteps(again);
    await post(`${again}/cancel`);
    expect(await overJob(again)).toMatchObject({ status: 'cancelled' });
  });
});

test('a project finds the jobs of another, or a config is created twice', async () => {
  const platform = await aPlatform();
  const url = await aCustomization(platform, 'meta/tiny-1b', { 'training/a.jsonl': trainingRows(4) });
  const total = async (project: string) =>
    (await get(`${platform.nemoUrl}${JOBS}?filter[project]=${project}`)).body;
  expect(await total('run-1')).toMatchObject({ pagination: { total_results: 1 } });
  expect(await total('run-2')).toMatchObject({ data: [] });
  expect((await aConfig(platform, 'meta/tiny-1b')).status).toBe(409);
  expect((await aConfig(platform, 'meta/tiny-3b')).status).toBe(200);
  await overJob(url);
});
