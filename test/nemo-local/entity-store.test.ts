import { expect, test } from 'vitest';
import { z } from 'zod';
import { aPlatform, get, post, send } from '../support/local-platform.js';

const Page = z.object({ data: z.array(z.object({ name: z.string() })) });

test('a page past the end of a list is not empty, so that iterating it never ends', async () => {
  const { nemoUrl } = await aPlatform();
  for (const name of ['a', 'b', 'c'])
    await post(`${nemoUrl}/v1/datasets`, { name, namespace: 'n', files_url: 'hf://x' });
  const page = async (query: string) => (await get(`${nemoUrl}/v1/datasets?${query}`)).body;
  expect(await page('page_size=2&sort=name')).toMatchObject({
    data: [{ name: 'a' }, { name: 'b' }],
    pagination: { page: 1, page_size: 2, current_page_size: 2, total_pages: 2, total_results: 3 },
  });
  expect(await page('page_size=2&sort=name&page=2')).toMatchObject({ data: [{ name: 'c' }] });
  expect(await page('page_size=2&sort=name&page=3')).toMatchObject({ data: [] });
  expect(await page('sort=-name&page_size=1')).toMatchObject({ data: [{ name: 'c' }] });
});

test('a filter lets another entity through', async () => {
  const { nemoUrl } = await aPlatform();
  await post(`${nemoUrl}/v1/models`, {
    name: 'a',
    namespace: 'n',
    project: 'p1',
    peft: { finetuning_type: 'lora' },
  });
  await post(`${nemoUrl}/v1/models`, { name: 'b', namespace: 'n', project: 'p2', custom_fields: { k: 'v' } });
  const names = async (query: string) => JSON.stringify((await get(`${nemoUrl}/v1/models?${query}`)).body);
  expect(await names('filter%5Bproject%5D=p1')).not.toContain('"name":"b"');
  expect(await names('filter[project]=p1,p2')).toContain('"total_results":2');
  expect(await names('filter[project]=p1&filter[project]=p3')).toContain('"total_results":1');
  expect(await names('filter[project]=p1&filter[namespace]=other')).toContain('"total_results":0');
  expect(await names('filter[peft]=true')).not.toContain('"name":"b"');
  expect(await names('filter[custom_fields][k]=v')).not.toContain('"name":"a"');
  expect(await names('search[project]=p')).toContain('"total_results":2');
  expect((await get(`${nemoUrl}/v1/models?page=0`)).status).toBe(422);
});

test('a model with a revision is not found by its raw or by its encoded name', async () => {
  const { nemoUrl } = await aPlatform();
  await post(`${nemoUrl}/v1/models`, { name: 'tuned@cust-1+x', namespace: 'n' });
  expect(await get(`${nemoUrl}/v1/models/n/tuned@cust-1+x`)).toMatchObject({ status: 200 });
  expect(await get(`${nemoUrl}/v1/models/n/tuned%40cust-1%2Bx`)).toMatchObject({ status: 200 });
  expect(await send('DELETE', `${nemoUrl}/v1/models/n/tuned@cust-1+x`)).toMatchObject({ status: 200 });
  expect(await get(`${nemoUrl}/v1/models/n/tuned@cust-1+x`)).toMatchObject({
    status: 404,
    body: { detail: expect.any(String) },
  });
});

test('a patch loses the members that it does not name', async () => {
  const { nemoUrl } = await aPlatform();
  const created = await post(`${nemoUrl}/v1/datasets`, {
    name: 'd',
    namespace: 'n',
    files_url: 'hf://1',
    project: 'p',
  });
  const patched = await send('PATCH', `${nemoUrl}/v1/datasets/n/d`, {
    name: 'other',
    files_url: 'hf://2',
    project: null,
  });
  expect(patched.body).toMatchObject({ name: 'd', files_url: 'hf://2', project: 'p' });
  expect(created.body).toMatchObject({
    id: expect.stringMatching(/^dataset-\w{21,22}$/),
    description: null,
    split: null,
  });
  expect(created.body).toHaveProperty(
    'created_at',
    expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}$/),
  );
});

test('a duplicate, an incomplete entity or broken JSON is taken', async () => {
  const { nemoUrl } = await aPlatform();
  const create = () => post(`${nemoUrl}/v1/namespaces`, { id: 'n' });
  expect((await create()).status).toBe(200);
  expect((await create()).status).toBe(409);
  expect(await post(`${nemoUrl}/v1/datasets`, { name: 'd', namespace: 'n' })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['body', 'files_url'], msg: expect.any(String), type: expect.any(String) }] },
  });
  const broken = await fetch(`${nemoUrl}/v1/datasets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name"',
  });
  expect([broken.status, await broken.json()]).toMatchObject([422, { detail: [{ type: 'json_invalid' }] }]);
});

test('times do not bound a list from both sides, or presence and absence do not part it', async () => {
  const { nemoUrl } = await aPlatform();
  await post(`${nemoUrl}/v1/models`, { name: 'a', base_model: 'meta/x', peft: { finetuning_type: 'lora' } });
  await post(`${nemoUrl}/v1/models`, { name: 'b', base_model: { name: 'meta/y' }, peft: null });
  const names = async (query: string) =>
    Page.parse((await get(`${nemoUrl}/v1/models?sort=name&${query}`)).body).data.map(({ name }) => name);
  expect(await names('filter[created_at][gte]=2001-01-01')).toEqual(['a', 'b']);
  expect(await names('filter[created_at][lte]=2001-01-01T00:00:00')).toEqual([]);
  expect(await names('search[created_at][start]=2001-01-01&search[updated_at][end]=2999-01-01')).toEqual([
    'a',
    'b',
  ]);
  const [first] = z
    .object({ data: z.array(z.object({ created_at: z.string() })) })
    .parse((await get(`${nemoUrl}/v1/models?sort=name`)).body).data;
  const day = first?.created_at.slice(0, 10);
  // A search reaches to the end of its last day, a filter to the moment that it names.
  expect(await names(`search[created_at][end]=${day}`)).toContain('a');
  expect(await names(`filter[created_at][lte]=${day}T00:00:00`)).not.toContain('a');
  expect(await names('filter[peft]=true')).toEqual(['a']);
  expect(await names('filter[peft]=false')).toEqual(['b']);
  expect(await names('filter[base_model]=meta/y')).toEqual(['b']);
  expect(await names('filter[base_model][name]=meta/x')).toEqual(['a']);
  expect(await names('search[peft]=lora')).toEqual(['a']);
  expect((await get(`${nemoUrl}/v1/models?filter[peft]=true&filter[a][b]=1`)).body).toMatchObject({
    filter: { peft: 'true', a: { b: '1' } },
  });
});

test.each([
  'models',
  'namespaces',
  'deployment/model-deployments',
  'customization/targets',
  'customization/configs',
  'customization/jobs',
  'evaluation/targets',
  'evaluation/configs',
  'evaluation/jobs',
  'evaluation/results',
  'guardrail/configs',
])('%s cannot be sorted by time, or by what it does not have', async (list) => {
  const { nemoUrl } = await aPlatform();
  expect(await get(`${nemoUrl}/v1/${list}?sort=-created_at`)).toMatchObject({ status: 200 });
  expect(await get(`${nemoUrl}/v1/${list}?sort=size`)).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ['query', 'sort'] }] },
  });
});

test('of entities made at once, the last made is not listed first', async () => {
  const { nemoUrl } = await aPlatform();
  for (const name of ['a', 'b', 'c']) await post(`${nemoUrl}/v1/projects`, { name });
  const { data } = Page.parse((await get(`${nemoUrl}/v1/projects`)).body);
  expect(data.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
});

const LORA = { alpha: 16, apply_lora_to_mlp: true, apply_lora_to_output: false };
const SPEC = { context_size: 1, is_chat: true, num_parameters: 1, num_virtual_tokens: 0 };

test.each([
  ['models', { artifact: { files_url: 'x', status: 'half' } }, 'artifact.status'],
  ['models', { peft: { finetuning_type: 'lora', lora: { ...LORA, alpha: 'high' } } }, 'peft.lora.alpha'],
  ['models', { spec: { ...SPEC, is_chat: 'yes' } }, 'spec.is_chat'],
  ['models', { api_endpoint: { url: 'x', model_id: 'y', format: 'z' } }, 'api_endpoint.format'],
  ['datasets', { files_url: 'x', limit: 'many' }, 'limit'],
  ['datasets', { files_url: 'x', name: 'a b' }, 'name'],
  ['projects', { ownership: 'me' }, 'ownership'],
])('%s with %j are not refused at %s, when made or when changed', async (kind, body, field) => {
  const { nemoUrl } = await aPlatform();
  await post(`${nemoUrl}/v1/${kind}`, { files_url: 'x', name: 'a', namespace: 'n' });
  const refused = { status: 422, body: { detail: [{ loc: ['body', ...field.split('.')] }] } };
  const change = await send('PATCH', `${nemoUrl}/v1/${kind}/n/a`, body);
  expect([await post(`${nemoUrl}/v1/${kind}`, body), change]).toMatchObject([refused, refused]);
});

test('what has no name is not named by its id', async () => {
  const { nemoUrl } = await aPlatform();
  const { body } = await post(`${nemoUrl}/v1/datasets`, { files_url: 'x' });
  const { id, name } = z.object({ id: z.string(), name: z.string() }).parse(body);
  expect(name).toBe(id);
  expect((await get(`${nemoUrl}/v1/datasets/default/${name}`)).status).toBe(200);
});
