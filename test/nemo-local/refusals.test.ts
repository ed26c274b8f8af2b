import { describe, expect, test } from 'vitest';
import { aTraining, anEvaluation, trainingBody } from '../support/local-jobs.js';
import { PATIENT, aDataset, aPlatform, get, overJob, post, send } from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

/** A refusal that stays one: the words alone in the body, and a header by which clients do not repeat the request. */
function expectConflict(answer: Awaited<ReturnType<typeof send>>, detail: string): void {
  expect(answer.status).toBe(409);
  expect(answer.body).toEqual({ detail });
  expect(answer.headers.get('x-should-retry')).toBe('false');
}

const named = { name: 'a', namespace: 'n' };
const check = { type: 'string-check', params: { check: ['{{ a }}', 'equals', 'x'] } };

test.each([
  ['namespaces', { id: 'n' }, 'namespace n'],
  ['projects', named, 'project n/a'],
  ['datasets', { ...named, files_url: 'hf://datasets/n/a' }, 'dataset n/a'],
  ['models', named, 'model n/a'],
  ['deployment/configs', { ...named, model: 'meta/tiny-1b' }, 'deployment config n/a'],
  [
    'customization/targets',
    { ...named, num_parameters: 1, precision: 'bf16', base_model: 'meta/tiny-1b' },
    'customization target n/a',
  ],
  [
    'customization/configs',
    { ...named, ...trainingBody({ model: 'meta/tiny-1b' }).config },
    'customization config n/a',
  ],
  ['evaluation/targets', { ...named, type: 'rows', rows: [{ a: 'x' }] }, 'evaluation target n/a'],
  [
    'evaluation/configs',
    { ...named, type: 'custom', tasks: { t: { type: 'data', metrics: { m: check } } } },
    'evaluation config n/a',
  ],
  ['guardrail/configs', named, 'guardrail config n/a'],
])('a second of /v1/%s of one name is made, or refused without a word', async (path, body, what) => {
  const url = `${(await aPlatform()).nemoUrl}/v1/${path}`;
  expect((await post(url, body)).status).toBe(200);
  expectConflict(await post(url, body), `${what} already exists`);
});

test('a second namespace of the data store is made, or refused without a word', async () => {
  const url = `${(await aPlatform()).dataStoreUrl}/v1/datastore/namespaces`;
  expect((await post(url, { namespace: 'n' })).status).toBe(201);
  expectConflict(await post(url, { namespace: 'n' }), 'namespace n already exists');
});

describe('a customization', () => {
  test('overwrites the model that has its name, or cannot be told to be over', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(8) });
    const training = { model: 'meta/tiny-1b', output: 'test/out@v1' };
    const url = await aTraining(platform, training);
    const { id } = await overJob(url);
    const jobs = `${platform.nemoUrl}/v1/customization/jobs`;
    expectConflict(await post(jobs, trainingBody(training)), 'model test/out@v1 already exists');
    expect((await get(jobs)).body).toMatchObject({ pagination: { total_results: 1 } });
    const over = `customization job ${id} is completed and cannot be cancelled`;
    expectConflict(await post(`${url}/cancel`), over);
    expectConflict(await post(`${platform.nemoUrl}/v1/customizations/${id}/cancel`), over);
  });

  test('loses its target while it runs', async () => {
    const platform = await aPlatform();
    await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(8) });
    const target = { name: 'hang-training-1b@1', namespace: 'meta', num_parameters: 1, precision: 'bf16' };
    await post(`${platform.nemoUrl}/v1/customization/targets`, target);
    const url = await aTraining(platform, { model: 'meta/hang-training-1b' });
    expectConflict(
      await send('DELETE', `${platform.nemoUrl}/v1/customization/targets/meta/${target.name}`),
      `customization target meta/${target.name} is used by customization job ${url.split('/').at(-1)}`,
    );
    await post(`${url}/cancel`);
    await overJob(url);
  });
});

test('an evaluation is deleted while it runs, or cancelled after it', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(3) });
  const url = await anEvaluation(platform, 'meta/hang-evaluation-1b');
  await expect.poll(async () => (await get(url)).body, PATIENT).toMatchObject({ status: 'running' });
  const id = url.split('/').at(-1);
  expectConflict(await send('DELETE', url), `evaluation job ${id} is running: cancel it before deleting it`);
  await post(`${url}/cancel`);
  await overJob(url);
  expectConflict(await post(`${url}/cancel`), `evaluation job ${id} is cancelled and cannot be cancelled`);
});
