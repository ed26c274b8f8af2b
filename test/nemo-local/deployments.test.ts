import { describe, expect, test, vi } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import {
  PATIENT,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  listedModels,
  post,
  send,
} from '../support/local-platform.js';

const PATH = '/v1/deployment/model-deployments';

const deploy = ({ nemoUrl }: NemoLocal, model: string, gpu: number | null = 1) =>
  post(`${nemoUrl}${PATH}`, {
    name: model.replace('/', '-'),
    namespace: 'test',
    project: 'p',
    config: { model, nim_deployment: { image_name: model, image_tag: null, pvc_size: null, gpu } },
    custom_fields: { holder: 'h' },
  });

const read = async ({ nemoUrl }: NemoLocal, model: string) =>
  (await get(`${nemoUrl}${PATH}/test/${model.replace('/', '-')}`)).body;

const withStatus = (status: string) => ({ status_details: { status } });

describe('a deployment', () => {
  test('passes through its states and is listed only when ready', async () => {
    const platform = await aPlatform({ gpus: 1 });
    await aDeployment(platform, 'meta/first-1b');
    expect(await deploy(platform, 'meta/tiny-1b')).toMatchObject({
      status: 200,
      body: { ...withStatus('created'), deployed: false, project: 'p', custom_fields: { holder: 'h' } },
    });
    await expect.poll(() => read(platform, 'meta/tiny-1b'), PATIENT).toMatchObject(withStatus('pending'));
    expect(await listedModels(platform)).toEqual(['meta/first-1b']);
    await send('DELETE', `${platform.nemoUrl}${PATH}/test/meta-first-1b`);
    const ready = { ...withStatus('ready'), deployed: true };
    await expect.poll(() => read(platform, 'meta/tiny-1b'), PATIENT).toMatchObject(ready);
    expect(await listedModels(platform)).toEqual(['meta/tiny-1b']);
  });

  test('that exists is refused with a 500 that says so', async () => {
    const platform = await aPlatform();
    await deploy(platform, 'meta/tiny-1b');
    const again = await deploy(platform, 'meta/tiny-1b');
    expect(again).toMatchObject({ status: 500, body: { detail: 'model deployment already exists' } });
    expect(again.headers.get('x-should-retry')).toBe('false');
  });

  test('that is deleted serves no more', async () => {
    const platform = await aPlatform();
    await aDeployment(platform, 'meta/tiny-1b');
    const url = `${platform.nemoUrl}${PATH}/test/meta-tiny-1b`;
    expect(await send('DELETE', url)).toMatchObject({ status: 200, body: { id: 'test/meta-tiny-1b' } });
    expect((await get(url)).status).toBe(404);
    expect((await send('DELETE', url)).status).toBe(404);
    expect(await listedModels(platform)).toEqual([]);
  });

  test('that is deleted while it comes up stays away', async () => {
    const platform = await aPlatform({ timeScale: 0.02 });
    await deploy(platform, 'meta/tiny-1b');
    await send('DELETE', `${platform.nemoUrl}${PATH}/test/meta-tiny-1b`);
    await aDeployment(platform, 'meta/tiny-3b');
    expect(await listedModels(platform)).toEqual(['meta/tiny-3b']);
  });

  test('of a model that cannot start fails with the reason', async () => {
    const platform = await aPlatform();
    await deploy(platform, 'meta/fail-deploy-1b');
    await expect
      .poll(() => read(platform, 'meta/fail-deploy-1b'), PATIENT)
      .toMatchObject({
        status_details: { status: 'failed', description: expect.stringContaining('cannot be pulled') },
        deployed: false,
      });
  });

  test('of a stuck model stays pending while others come up', async () => {
    const platform = await aPlatform();
    await deploy(platform, 'meta/stuck-deploy-1b');
    await aDeployment(platform, 'meta/tiny-1b');
    expect(await read(platform, 'meta/stuck-deploy-1b')).toMatchObject(withStatus('pending'));
  });

  test('waits in pending while the GPUs are taken, and comes up when they are free', async () => {
    const platform = await aPlatform({ gpus: 2 });
    await aDeployment(platform, 'meta/first-1b', 2);
    await deploy(platform, 'meta/second-1b', null);
    await expect
      .poll(() => read(platform, 'meta/second-1b'), PATIENT)
      .toMatchObject({
        status_details: { status: 'pending', description: 'waiting for 1 GPU' },
      });
    await send('DELETE', `${platform.nemoUrl}${PATH}/test/meta-first-1b`);
    await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/second-1b']);
  });

  test('survives a restart with its GPUs', async () => {
    const dataDir = await aFolder();
    const first = await aPlatform({ dataDir, gpus: 1 });
    await aDeployment(first, 'meta/first-1b');
    await deploy(first, 'meta/second-1b');
    await first.close();
    const second = await aPlatform({ dataDir, gpus: 1 });
    expect(await listedModels(second)).toEqual(['meta/first-1b']);
    await send('DELETE', `${second.nemoUrl}${PATH}/test/meta-first-1b`);
    await vi.waitFor(async () => expect(await listedModels(second)).toEqual(['meta/second-1b']), PATIENT);
  });
});

const CONFIGS = '/v1/deployment/configs';

describe('a deployment config', () => {
  const config = (model: string) => ({
    name: 'small',
    namespace: 'test',
    model,
    nim_deployment: { image_name: model, image_tag: '1', gpu: 2 },
  });

  test('is served under the name that deployments give it', async () => {
    const platform = await aPlatform({ gpus: 2 });
    const { nemoUrl } = platform;
    expect((await post(`${nemoUrl}${CONFIGS}`, config('meta/tiny-1b'))).status).toBe(200);
    expect((await post(`${nemoUrl}${CONFIGS}`, config('meta/tiny-1b'))).status).toBe(409);
    const body = { name: 'd', namespace: 'test', config: 'test/small', hf_token: 'secret' };
    const created = await post(`${nemoUrl}${PATH}`, body);
    expect(created.body).toMatchObject({ config: 'test/small', models: ['meta/tiny-1b'] });
    expect(JSON.stringify(created.body)).not.toContain('secret');
    await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/tiny-1b']);
    expect((await get(`${nemoUrl}/admin/state`)).body).toMatchObject({ deployments: [{ gpus: 2 }] });
    expect((await post(`${nemoUrl}${PATH}`, { ...body, name: 'e', config: 'test/none' })).status).toBe(404);
    expect((await send('DELETE', `${nemoUrl}${CONFIGS}/test/small`)).status).toBe(200);
  });

  test('without a model is refused', async () => {
    const { nemoUrl } = await aPlatform();
    expect(await post(`${nemoUrl}${CONFIGS}`, { name: 'small', namespace: 'test' })).toMatchObject({
      status: 200,
    });
    expect(await post(`${nemoUrl}${PATH}`, { name: 'd', config: 'test/small' })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'model'], type: 'missing' }] },
    });
    const external_endpoint = { host_url: 'http://127.0.0.1:9', api_key: 'secret', enabled_models: ['m'] };
    const far = await post(`${nemoUrl}${CONFIGS}`, { name: 'far', namespace: 'test', external_endpoint });
    expect(far.status).toBe(200);
    expect(await post(`${nemoUrl}${PATH}`, { name: 'd', config: 'test/far' })).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ['body', 'config', 'external_endpoint'] }] },
    });
    expect(await post(`${nemoUrl}${PATH}`, { name: 'd', config: {} })).toMatchObject({
      status: 422,
      body: {
        detail: [
          { loc: ['body', 'config', 'str'], type: 'string_type' },
          { loc: ['body', 'config', 'dict', 'model'], type: 'missing' },
        ],
      },
    });
  });
});

test('a patched deployment serves the other model, and gives its GPUs back for it', async () => {
  const platform = await aPlatform({ gpus: 1 });
  await aDeployment(platform, 'meta/first-1b');
  const url = `${platform.nemoUrl}${PATH}/test/meta-first-1b`;
  expect((await send('PATCH', url, { description: 'kept', name: 'other' })).body).toMatchObject({
    name: 'meta-first-1b',
    description: 'kept',
    deployed: true,
  });
  const other = { model: { namespace: 'meta', name: 'second-1b' }, nim_deployment: { gpu: 1 } };
  expect((await send('PATCH', url, { config: other })).body).toMatchObject({
    ...withStatus('created'),
    deployed: false,
    description: 'kept',
  });
  await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/second-1b']);
  const before = (await get(url)).body;
  expect((await send('PATCH', url, { description: 'refused', config: 'nowhere' })).status).toBe(404);
  expect((await get(url)).body).toEqual(before);
  expect((await send('PATCH', `${url}x`, {})).status).toBe(404);
});

test('a deployment that is deleted and made again comes up again', async () => {
  const platform = await aPlatform({ gpus: 1 });
  for (let round = 0; round < 3; round++) {
    await aDeployment(platform, 'meta/tiny-1b');
    await send('DELETE', `${platform.nemoUrl}${PATH}/test/meta-tiny-1b`);
  }
  await deploy(platform, 'meta/tiny-1b');
  await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/tiny-1b']);
});
