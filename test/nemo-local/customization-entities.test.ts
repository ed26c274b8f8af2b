import { describe, expect, test, vi } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDataset,
  aJob,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
  send,
} from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';

const BASE = '/v1/customization';

const lora = {
  training_type: 'sft',
  finetuning_type: 'lora',
  num_gpus: 2,
  num_nodes: 2,
  micro_batch_size: 1,
};
const whole = { ...lora, finetuning_type: 'all_weights' };

const aConfig = (members: object = {}) => ({
  name: 'c@v1',
  namespace: 'n',
  target: 'meta/tiny-1b@2.0',
  max_seq_length: 4096,
  training_options: [lora],
  ...members,
});

const aTarget = (members: object = {}) => ({
  name: 'tiny-1b@2.0',
  namespace: 'meta',
  num_parameters: 1_000_000_000,
  precision: 'bf16',
  ...members,
});

const aRequest = (members: object = {}) => ({
  config: 'n/c@v1',
  dataset: 'test/d',
  output_model: 'n/tuned',
  hyperparameters: { finetuning_type: 'lora', batch_size: 4 },
  ...members,
});

const rows = { 'training/a.jsonl': trainingRows(12), 'validation/v.jsonl': trainingRows(3) };

const create = ({ nemoUrl }: NemoLocal, what: string, body: object) =>
  post(`${nemoUrl}${BASE}/${what}`, body);

const totalOf = async ({ nemoUrl }: NemoLocal, path: string) =>
  Object((await get(`${nemoUrl}${BASE}/${path}`)).body).pagination.total_results as unknown;

describe('a customization target', () => {
  test('is not ready in the end, or not found by its state', async () => {
    const platform = await aPlatform();
    const created = await create(platform, 'targets', aTarget());
    expect(created).toMatchObject({
      status: 200,
      body: {
        id: expect.stringMatching(/^customization_target-/),
        base_model: 'meta/tiny-1b',
        enabled: true,
      },
    });
    expect(created.body).toMatchObject({
      model_path: expect.any(String),
      precision: 'bf16',
      status: 'ready',
    });
    await create(platform, 'targets', aTarget({ name: 'off', enabled: false }));
    expect(await totalOf(platform, 'targets?filter[status]=ready&filter[base_model]=meta/tiny-1b')).toBe(1);
    expect(await totalOf(platform, 'targets?filter[enabled]=false')).toBe(1);
    expect((await create(platform, 'targets', aTarget())).status).toBe(409);
  });

  test('of a platform that takes its time is ready at once', async () => {
    const platform = await aPlatform({ timeScale: 1000 });
    expect((await create(platform, 'targets', aTarget())).body).toMatchObject({ status: 'pending' });
  });

  test('can be deleted under a running job, or not after it', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', rows);
    await create(platform, 'targets', aTarget({ base_model: 'meta/slow-training-1b' }));
    await create(platform, 'configs', aConfig());
    const job = `${platform.nemoUrl}${BASE}/jobs/${await aJob(`${platform.nemoUrl}${BASE}/jobs`, aRequest())}`;
    const target = `${platform.nemoUrl}${BASE}/targets/meta/tiny-1b@2.0`;
    expect((await get(job)).body).toMatchObject({ config_snapshot: { base_model: 'meta/slow-training-1b' } });
    expect((await send('PATCH', target, { description: 'd' })).body).toMatchObject({
      description: 'd',
      warning_message: expect.stringContaining('goes on'),
    });
    expect((await send('DELETE', target)).status).toBe(409);
    await post(`${job}/cancel`);
    await overJob(job);
    expect((await send('PATCH', target, {})).body).toMatchObject({ warning_message: null });
    expect((await send('DELETE', target)).status).toBe(200);
  });
});

describe('a customization config', () => {
  test('loses or doubles a training option by a patch', async () => {
    const platform = await aPlatform();
    await create(platform, 'configs', aConfig());
    const url = `${platform.nemoUrl}${BASE}/configs/n/c@v1`;
    const options = async (changes: object) =>
      Object((await send('PATCH', url, changes)).body).training_options as unknown;
    expect(await options({ add_training_options: [whole, { ...lora, num_gpus: 4 }] })).toMatchObject([
      whole,
      { ...lora, num_gpus: 4 },
    ]);
    const kind = { training_type: 'sft', finetuning_type: 'all_weights' };
    expect(await options({ remove_training_options: [kind] })).toMatchObject([
      { num_gpus: 4, data_parallel_size: 8 },
    ]);
    expect((await send('PATCH', url, { remove_training_options: [lora] })).status).toBe(422);
    expect((await send('PATCH', url, { max_seq_length: null, description: 'd' })).body).toMatchObject({
      max_seq_length: 4096,
      description: 'd',
      target: 'meta/tiny-1b@2.0',
    });
  });

  test('is not found by what it trains', async () => {
    const platform = await aPlatform();
    await create(platform, 'targets', aTarget({ base_model: 'meta/other' }));
    await create(platform, 'configs', aConfig());
    await create(
      platform,
      'configs',
      aConfig({ name: 'd@v1', target: 'meta/tiny-8b@2.0', training_options: [whole] }),
    );
    const names = async (query: string) =>
      (
        Object((await get(`${platform.nemoUrl}${BASE}/configs?sort=name&${query}`)).body).data as {
          name: string;
        }[]
      )
        .map(({ name }) => name)
        .join();
    expect(await names('filter[target_base_model]=meta/other')).toBe('c@v1');
    expect(await names('filter[finetuning_type]=all_weights')).toBe('d@v1');
    expect(await names('filter[training_type]=sft&filter[enabled]=true')).toBe('c@v1,d@v1');
    expect(await names('filter[training_type]=dpo')).toBe('');
  });
});

describe('a customization', () => {
  test('by a config of its own, without a model to keep, fails or leaves a model', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', rows);
    const config = { target: 'meta/tiny-1b@2.0', max_seq_length: 4096, training_options: [whole, lora] };
    const created = await create(platform, 'jobs', aRequest({ config, output_model: null }));
    expect(created.body).toMatchObject({
      output_model: null,
      config: { max_seq_length: 4096 },
      config_snapshot: {
        base_model: 'meta/tiny-1b',
        training_option: { ...lora, data_parallel_size: 4, tensor_parallel_size: 1 },
        prompt_template: '{prompt} {completion}',
      },
      hyperparameters: { training_type: 'sft', sequence_packing_enabled: false, lora: { alpha: 16 } },
    });
    const job = `${platform.nemoUrl}${BASE}/jobs/${String(Object(created.body).id)}`;
    expect(await overJob(job)).toMatchObject({ status: 'completed' });
    expect((await get(`${platform.nemoUrl}/v1/models`)).body).toMatchObject({ data: [] });
    expect(await listedModels(platform)).toEqual([]);
  });

  test('is not found by its hyperparameters, its dataset or its state', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', rows);
    await create(platform, 'configs', aConfig());
    const jobs = `${platform.nemoUrl}${BASE}/jobs`;
    await overJob(`${jobs}/${await aJob(jobs, aRequest())}`);
    for (const filter of [
      'filter[status]=completed&filter[batch_size]=4&filter[epochs]=1',
      'filter[dataset]=hf%3A%2F%2Fdatasets%2Ftest%2Fd',
      'filter[dataset]=test/d&filter[base_model]=meta/tiny-1b',
      'filter[finetuning_type]=lora&filter[training_type]=sft&filter[log_every_n_steps]=10',
    ])
      expect([filter, await totalOf(platform, `jobs?${filter}`)]).toEqual([filter, 1]);
    for (const filter of ['filter[status]=failed', 'filter[batch_size]=5', 'filter[dataset]=test/e'])
      expect([filter, await totalOf(platform, `jobs?${filter}`)]).toEqual([filter, 0]);
  });

  test('says in its container logs less than it did', async () => {
    const platform = await aPlatform();
    await create(platform, 'configs', aConfig());
    const jobs = `${platform.nemoUrl}${BASE}/jobs`;
    const id = await aJob(jobs, aRequest());
    await overJob(`${jobs}/${id}`);
    expect((await get(`${jobs}/${id}/container-logs`)).body).toMatchObject({
      error: null,
      entries: {
        [`${id}-training`]: {
          logs: {
            training: expect.stringMatching(/created\n[^]*TrainingFailed: dataset test\/d is not registered/),
          },
          events: expect.arrayContaining([
            expect.objectContaining({
              reason: 'TrainingFailed',
              type: 'Warning',
              count: '1',
              first_seen: expect.any(Number),
            }),
          ]),
        },
      },
    });
  });

  test('goes on with a changed config', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', rows);
    await create(platform, 'configs', aConfig({ target: 'meta/slow-training-1b@1' }));
    const jobs = `${platform.nemoUrl}${BASE}/jobs`;
    const url = `${jobs}/${await aJob(jobs, aRequest())}`;
    await send('PATCH', `${platform.nemoUrl}${BASE}/configs/n/c@v1`, { max_seq_length: 1 });
    await vi.waitFor(async () => expect((await get(url)).body).toMatchObject({ status: 'running' }), PATIENT);
    expect((await get(url)).body).toMatchObject({ config_snapshot: { max_seq_length: 4096 } });
    await post(`${url}/cancel`);
    expect(await overJob(url)).toMatchObject({ status: 'cancelled' });
  });
});

const hyper = (members: object) => ({ hyperparameters: { finetuning_type: 'lora', ...members } });

test.each([
  ['no hyperparameters', { hyperparameters: undefined }, ['body', 'hyperparameters']],
  ['no dataset', { dataset: undefined }, ['body', 'dataset']],
  [
    'an unknown way of fine-tuning',
    hyper({ finetuning_type: 'p_tuning' }),
    ['body', 'hyperparameters', 'finetuning_type'],
  ],
  [
    'a way that the config does not offer',
    hyper({ finetuning_type: 'all_weights' }),
    ['body', 'hyperparameters'],
  ],
  [
    'a way that nemo-local cannot train',
    hyper({ training_type: 'dpo' }),
    ['body', 'hyperparameters', 'training_type'],
  ],
  [
    'an odd adapter dimension',
    hyper({ lora: { adapter_dim: 12 } }),
    ['body', 'hyperparameters', 'lora', 'adapter_dim'],
  ],
  ['no epochs', hyper({ epochs: 0 }), ['body', 'hyperparameters', 'epochs']],
  ['an output model without a namespace', { output_model: 'tuned' }, ['body', 'output_model']],
])('a job with %s is accepted', async (_what, members, loc) => {
  const platform = await aPlatform();
  await create(platform, 'configs', aConfig());
  expect(await create(platform, 'jobs', aRequest(members))).toMatchObject({
    status: 422,
    body: { detail: [{ loc, msg: expect.any(String), type: expect.any(String) }] },
  });
});

test.each([
  ['GET', 'jobs/cust-none'],
  ['GET', 'jobs/cust-none/status'],
  ['GET', 'jobs/cust-none/container-logs'],
  ['POST', 'jobs/cust-none/cancel'],
  ['GET', 'configs/n/none'],
  ['PATCH', 'configs/n/none'],
  ['DELETE', 'configs/n/none'],
  ['GET', 'targets/n/none'],
  ['DELETE', 'targets/n/none'],
])('%s %s finds what is not there', async (method, path) => {
  const { nemoUrl } = await aPlatform();
  expect(await send(method, `${nemoUrl}${BASE}/${path}`)).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('not found') },
  });
});
