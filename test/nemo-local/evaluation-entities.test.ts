import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aDataset, aFolder, aJob, aPlatform, get, overJob, post, send } from '../support/local-platform.js';

const BASE = '/v1/evaluation';

const rowsTarget = { type: 'rows', rows: [{ a: 'x' }, { a: 'y' }] };
const isX = { type: 'string-check', params: { check: ['{{ a }}', 'equals', 'x'] } };
const config = { type: 'custom', tasks: { t: { type: 'data', metrics: { m: isX } } } };

async function aFinishedJob({ nemoUrl }: NemoLocal, body: object = { config, target: rowsTarget }) {
  const id = await aJob(`${nemoUrl}${BASE}/jobs`, body);
  return await overJob(`${nemoUrl}${BASE}/jobs/${id}`);
}

test('a stored config or target is not found by its name when a job starts, or shows nulls or keys', async () => {
  const platform = await aPlatform();
  const url = `${platform.nemoUrl}${BASE}`;
  const model = { api_endpoint: { url: 'http://127.0.0.1:9/v1', model_id: 'm', api_key: 'k-secret' } };
  const stored = { name: 'c', namespace: 'n', description: null, ...config };
  const created = await post(`${url}/configs`, stored);
  expect(created).toMatchObject({
    status: 200,
    body: { id: expect.stringMatching(/^eval-config-\w{21,22}$/), name: 'c' },
  });
  expect(JSON.stringify(created.body)).not.toContain('null');
  await post(`${url}/targets`, { name: 'rows', namespace: 'n', ...rowsTarget });
  const far = await post(`${url}/targets`, { type: 'model', model });
  expect(far.body).toMatchObject({
    id: expect.stringMatching(/^eval-target-/),
    namespace: 'default',
    model: { api_endpoint: { api_key: '******', format: 'nim' } },
  });

  const job = await aFinishedJob(platform, { config: 'n/c', target: 'n/rows', namespace: 'n' });
  expect(job).toMatchObject({
    status: 'completed',
    namespace: 'n',
    config: { name: 'c', namespace: 'n', type: 'custom' },
    target: { name: 'rows', type: 'rows' },
    description: null,
    output_files_url: null,
  });
  const total = async (query: string) =>
    Object((await get(`${url}/jobs?${query}`)).body).pagination.total_results as unknown;
  expect(await total('filter[config]=n/c&filter[target]=n/rows')).toBe(1);
  expect(await total('filter[config]=n/d')).toBe(0);
  expect(await total('filter[target][type]=model')).toBe(0);
});

test('a patch of a target or config loses what it does not name, or makes it invalid', async () => {
  const { nemoUrl } = await aPlatform();
  const url = `${nemoUrl}${BASE}/targets/n/t`;
  const { body } = await post(`${nemoUrl}${BASE}/targets`, {
    name: 't',
    namespace: 'n',
    type: 'model',
    model: 'a',
  });
  const patched = await send('PATCH', url, { description: 'd', name: 'other', model: null });
  expect(patched.body).toMatchObject({ id: Object(body).id, name: 't', model: 'a', description: 'd' });
  expect(await send('PATCH', url, { type: 'nothing' })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'type'] }] },
  });
  expect((await send('DELETE', url)).body).toMatchObject({
    id: Object(body).id,
    deleted_at: expect.any(String),
  });
  expect((await get(url)).status).toBe(404);
  expect((await send('PATCH', url, {})).status).toBe(404);
});

test('a key of a stored target is lost with a restart, or readable by others', async () => {
  const dataDir = await aFolder();
  const first = await aPlatform({ dataDir });
  const model = { api_endpoint: { url: 'http://127.0.0.1:9/v1', model_id: 'm', api_key: 'k-secret' } };
  await post(`${first.nemoUrl}${BASE}/targets`, { name: 't', namespace: 'n', type: 'model', model });
  await send('PATCH', `${first.nemoUrl}${BASE}/targets/n/t`, { description: 'changed' });
  await first.close();
  const second = await aPlatform({ dataDir });
  expect(JSON.stringify((await get(`${second.nemoUrl}${BASE}/targets/n/t`)).body)).not.toContain('k-secret');
  const folder = join(dataDir, 'evaluation-targets');
  const [file = ''] = await readdir(folder);
  expect(await readFile(join(folder, file), 'utf8')).toContain('k-secret');
});

test('an inline config or target is in no list, or keeps its key beyond the job', async () => {
  const dataDir = await aFolder();
  const platform = await aPlatform({ dataDir });
  const { nemoUrl } = platform;
  const api_endpoint = { url: 'http://127.0.0.1:9/v1/chat/completions', model_id: 'm', api_key: 'sk-inline' };
  const target = { type: 'model', model: { api_endpoint }, name: 'mine', namespace: 'test' };
  const task = {
    type: 'data',
    dataset: { files_url: 'hf://datasets/test/none/x.jsonl' },
    metrics: { m: isX },
  };
  const inline = { type: 'custom', tasks: { t: task } };
  const job = Object(await aFinishedJob(platform, { config: inline, target }));
  for (const [kind, { name }] of [
    ['configs', job.config],
    ['targets', job.target],
  ]) {
    expect((await get(`${nemoUrl}${BASE}/${kind}?filter[namespace]=default`)).body).toMatchObject({
      data: [{ name }],
    });
    expect((await get(`${nemoUrl}${BASE}/${kind}/default/${name}`)).body).toMatchObject({ id: name });
  }
  expect((await aFinishedJob(platform, { config: `default/${job.config.name}`, target })).status).toBe(
    'failed',
  );
  const files = (await readdir(dataDir, { recursive: true })).filter((file) => file.endsWith('.json'));
  const texts = await Promise.all(files.map((file) => readFile(join(dataDir, file), 'utf8')));
  expect(texts.join('')).not.toContain('sk-inline');
});

test('results are not there as entities, or outlive their job', async () => {
  const platform = await aPlatform();
  const url = `${platform.nemoUrl}${BASE}/results`;
  const job = await aFinishedJob(platform);
  const result = (await get(`${platform.nemoUrl}${BASE}/jobs/${job.id}/results`)).body;
  expect(result).toMatchObject({ id: job['result'], job: job.id, groups: {} });
  expect((await get(`${url}/${String(job['result'])}`)).body).toEqual(result);
  await post(url, { job: 'eval-other' });
  expect((await get(`${url}?filter[job_id]=${job.id}`)).body).toMatchObject({ data: [{ job: job.id }] });
  expect((await post(url, {})).status).toBe(422);
  await send('DELETE', `${platform.nemoUrl}${BASE}/jobs/${job.id}`);
  expect((await get(`${url}/${String(job['result'])}`)).status).toBe(404);
});

test('the log does not say what became of a job and which rows could not be scored', async () => {
  const platform = await aPlatform();
  const number = { type: 'number-check', params: { check: ['{{ a }}', '==', '1'] } };
  const tasks = { t: { type: 'data', metrics: { n: number } } };
  const job = await aFinishedJob(platform, { config: { type: 'custom', tasks }, target: rowsTarget });
  const response = await fetch(`${platform.nemoUrl}${BASE}/jobs/${job.id}/logs`, {
    headers: { accept: 'application/json' },
  });
  expect(response.headers.get('content-type')).toBe('application/zip');
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  const log = strFromU8(files['evaluation.log'] ?? new Uint8Array());
  expect(log).toMatch(/INFO job \S+ is running\n.* INFO task t: 2 rows\n/);
  expect(log).toContain('ERROR task t, row 2, metric n: no number to check in "y"');
  expect(log).toMatch(/is completed\n$/);
});

test('progress is told although nobody said how many rows there are', async () => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'rows.jsonl': [{ a: 'x' }] });
  const dataset = { files_url: 'hf://datasets/test/d/rows.jsonl' };
  const tasks = (more: object) => ({
    t: { type: 'data', metrics: { m: isX }, dataset: { ...dataset, ...more } },
  });
  const progressOf = async (more: object) => {
    const target = { type: 'model', model: 'm' };
    const created = await post(`${platform.nemoUrl}${BASE}/jobs`, {
      config: { type: 'custom', tasks: tasks(more) },
      target,
    });
    const url = `${platform.nemoUrl}${BASE}/jobs/${String(Object(created.body).id)}`;
    await overJob(url);
    for (const path of ['status', 'status-details'])
      expect((await get(`${url}/${path}`)).body).toMatchObject({ progress: 100, samples_processed: 1 });
    return Object(created.body).status_details;
  };
  expect(await progressOf({})).toMatchObject({ progress: null, task_status: {} });
  expect(await progressOf({ limit: 5 })).toMatchObject({ message: null });
});

const chat = {
  type: 'chat-completion',
  params: { template: { messages: [] } },
  dataset: { files_url: 'hf://x' },
};
const custom = (task: object) => ({ type: 'custom', tasks: { t: { metrics: {}, ...task } } });
const judge = (params: object) =>
  custom({
    ...chat,
    metrics: {
      j: { type: 'llm-judge', params: { model: 'm', template: { messages: [] }, scores: {}, ...params } },
    },
  });
const aModel = { type: 'model', model: 'm' };
const parser = (pattern: string) => ({ scores: { s: { type: 'int', parser: { type: 'regex', pattern } } } });

const task = (...rest: string[]) => ['body', 'config', 'tasks', 't', ...rest];
const MISSING = ['Field required', 'missing'] as const;

test.each([
  ['no config', undefined, aModel, ['body', 'config'], ...MISSING],
  ['no target', config, undefined, ['body', 'target'], ...MISSING],
  [
    'a config of a type that only NVIDIA has',
    { type: 'gsm8k' },
    aModel,
    ['body', 'config', 'type'],
    "Input should be 'custom'",
    'literal_error',
  ],
  [
    'no task',
    { type: 'custom', tasks: {} },
    aModel,
    ['body', 'config', 'tasks'],
    'Value error, names no task',
    'value_error',
  ],
  [
    'an unknown metric',
    custom({ ...chat, metrics: { m: { type: 'x' } } }),
    aModel,
    task('metrics', 'm'),
    "Input tag 'x' found using 'type' does not match any of the expected tags: 'tool-calling', 'llm-judge', 'string-check', 'number-check', 'bleu', 'f1', 'em', 'rouge'",
    'union_tag_invalid',
  ],
  [
    'a pattern that is none',
    judge(parser('(')),
    aModel,
    task('metrics', 'j', 'params', 'scores', 's', 'parser', 'pattern'),
    'Value error, is not a regular expression',
    'value_error',
  ],
  [
    'a chat without a model',
    custom(chat),
    rowsTarget,
    task('type'),
    'Value error, a chat-completion task needs a target of type model, not rows',
    'value_error',
  ],
  [
    'no rows',
    custom({ type: 'data' }),
    aModel,
    task('dataset'),
    'Value error, is required: neither the task nor the target has rows',
    'value_error',
  ],
  ['a target without its model', config, { type: 'model' }, ['body', 'target', 'model'], ...MISSING],
])('a job with %s is accepted', async (_what, given, target, loc, msg, type) => {
  const { nemoUrl } = await aPlatform();
  expect(await post(`${nemoUrl}${BASE}/jobs`, { config: given, target })).toMatchObject({
    status: 422,
    body: { detail: expect.arrayContaining([expect.objectContaining({ loc, msg, type })]) },
  });
});

test('a stored config or target that no job can use is accepted, or one that only NVIDIA can use refused', async () => {
  const { nemoUrl } = await aPlatform();
  expect(await post(`${nemoUrl}${BASE}/configs`, custom({ ...chat, type: 'x' }))).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'tasks', 't'], type: 'union_tag_invalid' }] },
  });
  expect((await post(`${nemoUrl}${BASE}/targets`, { type: 'model', model: {} })).status).toBe(422);
  expect((await post(`${nemoUrl}${BASE}/configs`, { type: 'gsm8k', params: {} })).status).toBe(200);
  expect((await post(`${nemoUrl}${BASE}/targets`, { type: 'retriever', retriever: {} })).status).toBe(200);
});

test.each([
  ['GET', 'jobs/eval-none'],
  ['GET', 'jobs/eval-none/status'],
  ['GET', 'jobs/eval-none/results'],
  ['GET', 'jobs/eval-none/download-results'],
  ['GET', 'jobs/eval-none/logs'],
  ['POST', 'jobs/eval-none/cancel'],
  ['DELETE', 'jobs/eval-none'],
  ['GET', 'targets/n/none'],
  ['DELETE', 'configs/n/none'],
  ['GET', 'results/none'],
  ['PATCH', 'results/none'],
])('%s %s finds what is not there', async (method, path) => {
  const { nemoUrl } = await aPlatform();
  expect(await send(method, `${nemoUrl}${BASE}/${path}`)).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('not found') },
  });
});

test('a job of a config that is not stored is accepted', async () => {
  const { nemoUrl } = await aPlatform();
  expect(await post(`${nemoUrl}${BASE}/jobs`, { config: 'n/none', target: aModel })).toMatchObject({
    status: 404,
    body: { detail: 'evaluation config n/none not found' },
  });
});
