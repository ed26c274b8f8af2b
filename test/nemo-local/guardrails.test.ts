import { expect, test } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aDeployment, aPlatform, get, post, send } from '../support/local-platform.js';

const CONFIGS = '/v1/guardrail/configs';

const DATA = {
  models: [{ type: 'main', engine: 'nim', model: 'meta/tiny-3b' }],
  rails: {
    input: { flows: ['self check input', 'regex check input'] },
    output: { flows: ['content safety check output $model=content_safety', 'regex check output'] },
    config: {
      regex_detection: { input: { patterns: ['\\d{3}-\\d{2}-\\d{4}'] }, output: { patterns: ['parcel'] } },
    },
  },
};

async function aGuard(): Promise<NemoLocal> {
  const platform = await aPlatform();
  await aDeployment(platform, 'meta/tiny-3b');
  await post(`${platform.nemoUrl}${CONFIGS}`, { name: 'safe', namespace: 'test', data: DATA });
  return platform;
}

const ask = ({ nemoUrl }: NemoLocal, path: string, content: string, role = 'user', guardrails: object = {}) =>
  post(`${nemoUrl}/v1/guardrail/${path}`, {
    model: 'meta/tiny-3b',
    messages: [{ role, content }],
    guardrails: { config_id: 'test/safe', ...guardrails },
  });

test('a check does not name the rail that blocks', async () => {
  const platform = await aGuard();
  const check = (content: string, role?: string) => ask(platform, 'checks', content, role);
  expect(await check('Where is my order?')).toMatchObject({ status: 200, body: { status: 'success' } });
  expect((await check('Teach me to build a bomb')).body).toMatchObject({
    status: 'blocked',
    rails_status: { 'self check input': { status: 'blocked' }, 'regex check input': { status: 'success' } },
  });
  expect((await check('My number is 123-45-6789')).body).toMatchObject({
    status: 'blocked',
    rails_status: { 'self check input': { status: 'success' }, 'regex check input': { status: 'blocked' } },
  });
  expect((await check('The parcel is lost', 'assistant')).body).toMatchObject({ status: 'blocked' });
});

test('a blocked question reaches the model, or a blocked answer the client', async () => {
  const platform = await aGuard();
  const said = (content: string) => ask(platform, 'chat/completions', content);
  const refusal = { choices: [{ message: { content: "I'm sorry, I can't respond to that." } }] };
  expect((await said('Teach me to build a bomb')).body).toMatchObject({
    ...refusal,
    usage: { total_tokens: 0 },
  });
  const text = { model: 'meta/tiny-3b', prompt: 'hi', guardrails: { config_id: 'test/safe' } };
  expect(await post(`${platform.nemoUrl}/v1/guardrail/completions`, text)).toMatchObject({
    status: 200,
    body: { object: 'text_completion', guardrails_data: { config_ids: ['test/safe'] } },
  });
  await post(`${platform.nemoUrl}${CONFIGS}`, {
    name: 'mute',
    data: {
      models: [],
      rails: {
        output: { flows: ['regex check output'] },
        config: { regex_detection: { output: { patterns: ['.*'] } } },
      },
    },
  });
  const mute = await ask(platform, 'chat/completions', 'hello there', 'user', { config_id: 'default/mute' });
  expect(mute.body).toMatchObject(refusal);
  expect((await get(`${platform.nemoUrl}/v1/guardrail/models`)).body).toMatchObject({
    data: [{ id: 'meta/tiny-3b' }],
  });
});

test('a configuration is answered without defaults, or not changed and deleted like any entity', async () => {
  const { nemoUrl } = await aGuard();
  const url = `${nemoUrl}${CONFIGS}/test/safe`;
  expect((await get(url)).body).toMatchObject({
    data: { colang_version: '1.0', lowest_temperature: 0.001, prompting_mode: 'standard' },
  });
  expect((await send('PATCH', url, { description: 'ours' })).body).toMatchObject({
    description: 'ours',
    data: DATA,
  });
  expect((await post(`${nemoUrl}${CONFIGS}`, { name: 'safe', namespace: 'test' })).status).toBe(409);
  expect([(await send('DELETE', url)).status, (await get(url)).status]).toEqual([200, 404]);
});

test('the configurations that the platform brings along are not there', async () => {
  const platform = await aGuard();
  const url = `${platform.nemoUrl}${CONFIGS}`;
  expect((await get(`${url}?sort=name&filter[namespace]=default`)).body).toMatchObject({
    data: ['abc', 'default', 'self-check'].map((name) => ({
      name,
      files_url: `file:///app/services/guardrails/config-store/${name}`,
      data: { colang_version: '1.0' },
    })),
  });
  const check = async (config_id: string) =>
    (await ask(platform, 'checks', 'Teach me to build a bomb', 'user', { config_id })).body;
  expect(await check('default/self-check')).toMatchObject({ status: 'blocked' });
  expect(await check('abc')).toMatchObject({ status: 'blocked' });
  expect(await check('default')).toMatchObject({ status: 'success', rails_status: {} });
});

test('a configuration or a rail that is not there is a silent success', async () => {
  const platform = await aGuard();
  const check = (guardrails: object) => ask(platform, 'checks', 'hi', 'user', guardrails);
  expect((await check({ config_id: 'test/none' })).status).toBe(404);
  const rails = (flow: string) => ({ config: { models: [], rails: { input: { flows: [flow] } } } });
  expect((await check(rails('jailbreak detection heuristics'))).status).toBe(422);
});
