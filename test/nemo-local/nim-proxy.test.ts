import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { startNemoLocal } from '../../src/nemo-local/index.js';
import { closeServer, listen, urlOf } from '../../src/nemo-local/listener.js';
import { PATIENT, aDeployment, aFolder, aPlatform, get, post } from '../support/local-platform.js';
import { evaluationRows } from '../support/order-traffic.js';

const Refused = z.object({ detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])) })) });

test('a served model answers a request with tools, as OpenAI would', async () => {
  const platform = await aPlatform();
  await aDeployment(platform, 'meta/tiny-3b');
  const request = { ...evaluationRows(1)[0]?.request, tool_choice: 'required', max_tokens: null };
  const answer = await post(`${platform.nimUrl}/v1/chat/completions`, { model: 'meta/tiny-3b', ...request });
  expect(answer).toMatchObject({
    status: 200,
    body: {
      object: 'chat.completion',
      model: 'meta/tiny-3b',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            tool_calls: [{ type: 'function', function: { arguments: expect.any(String) } }],
          },
        },
      ],
      usage: { total_tokens: expect.any(Number) },
    },
  });
});

test('a model that is not served is a 404, a wrong body a 422 that names the field', async () => {
  const platform = await aPlatform();
  const messages = [{ role: 'user', content: 'hi' }];
  const chat = (body: object) => post(`${platform.nimUrl}/v1/chat/completions`, { model: 'none', ...body });
  expect(await chat({ messages })).toMatchObject({ status: 404, body: { detail: 'model none not found' } });
  expect(await chat({ messages, stream: true })).toMatchObject({ status: 404 });
  const wrong = async (body: object) => Refused.parse((await chat(body)).body).detail[0]?.loc.join('.');
  expect(await wrong({ messages: [] })).toBe('body.messages');
  expect(await wrong({ messages, n: 0 })).toBe('body.n');
  expect(await wrong({ messages: [{ role: 'user', content: 1 }] })).toBe('body.messages.0.content.str');
  expect(await wrong({ messages, tool_choice: 'required' })).toBe('body.tool_choice');
  const choice = { type: 'function', function: { name: 'none' } };
  expect(await wrong({ messages, tool_choice: choice })).toBe('body.tool_choice');
  for (const health of ['ready', 'live'])
    expect((await get(`${platform.nimUrl}/v1/health/${health}`)).status).toBe(200);
});

test('an injected fault is answered as often as asked, and no more', async () => {
  const { nemoUrl } = await aPlatform();
  await post(`${nemoUrl}/admin/faults`, { pathPrefix: '/v1/datasets', status: 503, count: 2 });
  const statuses = [];
  for (let asked = 0; asked < 3; asked++) statuses.push((await get(`${nemoUrl}/v1/datasets`)).status);
  expect(statuses).toEqual([503, 503, 200]);
  expect((await get(`${nemoUrl}/v1/models`)).status).toBe(200);
});

test('the state names everything that exists', async () => {
  const platform = await aPlatform();
  await aDeployment(platform, 'meta/tiny-1b', 2);
  await vi.waitFor(
    async () =>
      expect((await get(`${platform.nemoUrl}/admin/state`)).body).toMatchObject({
        deployments: [
          { namespace: 'test', name: 'meta-tiny-1b', model: 'meta/tiny-1b', gpus: 2, status: 'ready' },
        ],
        customizations: [],
        evaluations: [],
        datasets: [],
        repositories: [],
      }),
    PATIENT,
  );
});

test('a port that is taken is named, and what was opened before is closed again', async () => {
  const taken = await listen(() => {}, { host: '127.0.0.1', port: 0, serves: 'a test' });
  onTestFinished(() => closeServer(taken));
  const port = Number(new URL(urlOf(taken)).port);
  const dataDir = await aFolder();
  const starting = startNemoLocal({ dataDir, ports: { nim: 0, dataStore: 0, nemo: port } });
  await expect(starting).rejects.toThrow(
    `cannot open port ${port} on 127.0.0.1 for the NeMo API: another program is using it`,
  );
});
