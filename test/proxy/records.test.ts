import { describe, expect, test } from 'vitest';
import { recordReader } from '../../src/records/read-record.js';
import { aGateway } from '../gateway/gateway-world.js';
import { aDeployment, aPlatform } from '../support/local-platform.js';
import { exported } from '../support/stores.js';
import { aGatewayBefore, answered, anUpstream, aProxy, asked, NAMES, post } from './proxy-world.js';

const MODEL = 'meta/tiny-8b';
const TOOLS = ['look_up', 'refund'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: `${name} an order`,
    parameters: { type: 'object', properties: { order: { type: 'string' } } },
  },
}));
const REQUESTS = [
  { messages: [{ role: 'user', content: 'Where is order 17?' }], tools: TOOLS, seed: 1 },
  {
    messages: [{ role: 'user', content: 'refund order 99, please' }],
    tools: TOOLS,
    tool_choice: 'required',
    seed: 2,
  },
  { messages: [{ role: 'user', content: 'Hello, how are you?' }], seed: 3 },
];

interface Completion {
  choices: { message: unknown; finish_reason: string }[];
  usage: unknown;
}

describe('nemo-local behind the proxy', () => {
  test('is logged otherwise when it streams', async () => {
    const platform = await aPlatform();
    await aDeployment(platform, MODEL);
    const { url: gatewayUrl, logs } = await aGateway();
    const { url, proxy } = await aProxy(platform.nimUrl, gatewayUrl);
    for (const [n, request] of REQUESTS.entries()) {
      const body = { model: MODEL, temperature: 0, ...request };
      await (await post(url, body, { 'x-flywheel-session-id': `whole ${n}` })).text();
      const stream = { ...body, stream: true, stream_options: { include_usage: true } };
      const answer = await post(url, stream, { 'x-flywheel-session-id': `stream ${n}` });
      expect(await answer.text()).toMatch(/data: \[DONE\]\s*$/);
    }
    await expect
      .poll(async () => (await proxy.status()).records, { timeout: 20_000 })
      .toMatchObject({ stored: 6, waiting: 0 });
    const records = await exported(logs, NAMES);
    const of = (session: string) => records.find(({ record }) => record['session_id'] === session)?.record;
    const completionOf = (session: string) => of(session)?.response as Completion;
    const read = recordReader({
      parseFunctionArguments: true,
      maxToolProperties: null,
      workloadType: 'auto',
    });
    for (const n of REQUESTS.keys()) {
      const [whole, stream] = [completionOf(`whole ${n}`), completionOf(`stream ${n}`)];
      const said = ({ choices, usage }: Completion) => ({
        usage,
        choices: choices.map(({ message, finish_reason }) => ({
          message: withoutIds(message),
          finish_reason,
        })),
      });
      expect(said(stream)).toEqual(said(whole));
      expect(of(`stream ${n}`)).toMatchObject({
        request: { ...REQUESTS[n], stream: true },
        client_id: 'shop',
      });
      expect(read(of(`stream ${n}`))).toHaveProperty('record');
    }
    const calls = JSON.stringify(REQUESTS.map((_, n) => completionOf(`stream ${n}`)));
    expect(calls).toContain('"tool_calls":[{');
  });
});

/** Each answer has calls with ids of its own. */
const withoutIds = (message: unknown): unknown =>
  JSON.parse(JSON.stringify(message, (key, value: unknown) => (key === 'id' ? undefined : value)));

test('headers do not go before the defaults, or the key of the caller is logged', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  const upstream = await anUpstream((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  const { url, proxy } = await aProxy(upstream, gatewayUrl);
  const key = { authorization: 'Bearer sk-secret' };
  await (await post(url, asked(1), key)).text();
  await (
    await post(url, asked(2), { ...key, 'x-flywheel-client-id': 'other', 'x-flywheel-workload-id': 'chat' })
  ).text();
  await expect
    .poll(async () => (await proxy.status()).records, { timeout: 20_000 })
    .toMatchObject({ stored: 2 });
  const [ours] = await exported(logs, NAMES);
  const [others] = await exported(logs, { clientId: 'other', workloadId: 'chat' });
  expect(ours?.record).toMatchObject({ request: asked(1), response: answered(1) });
  expect(ours?.record).not.toHaveProperty('session_id');
  expect(others?.record).toMatchObject({ request: asked(2) });
  expect(JSON.stringify([ours, others])).not.toContain('sk-secret');
});

test.each([
  ['UTF-8', 'utf8'],
  ['Latin-1', 'latin1'],
] as const)('a name in %s is logged as another one', async (_name, encoding) => {
  const { url: gatewayUrl, logs } = await aGateway();
  const upstream = await anUpstream((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  const { url, proxy } = await aProxy(upstream, gatewayUrl);
  // Clients send the characters of a header as one byte each.
  const sent = (name: string) => Buffer.from(name, encoding).toString('latin1');
  const headers = {
    'x-flywheel-client-id': sent('café'),
    'x-flywheel-workload-id': sent('voilà'),
    'x-flywheel-session-id': sent('été'),
  };
  await (await post(url, asked(1), headers)).text();
  await expect
    .poll(async () => (await proxy.status()).records, { timeout: 20_000 })
    .toMatchObject({ stored: 1 });
  const names = { client_id: 'café', workload_id: 'voilà' };
  const [ours] = await exported(logs, { clientId: names.client_id, workloadId: names.workload_id });
  expect(ours?.record).toMatchObject({ ...names, session_id: 'été', request: asked(1) });
});

test('a gateway with an upstream answers in its own name, or does not log', async () => {
  const upstream = await anUpstream((req, res) => {
    req.resume();
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  const { url, logs, call } = await aGatewayBefore(upstream);
  const answer = await post(url, asked(1));
  expect(await answer.json()).toEqual(answered(1));
  expect([...answer.headers.keys()].toSorted()).toEqual([
    'connection',
    'content-type',
    'date',
    'keep-alive',
    'transfer-encoding',
  ]);
  await expect
    .poll(async () => (await call('GET', '/api/proxy')).body, { timeout: 20_000 })
    .toMatchObject({
      upstream: `${upstream}/v1`,
      records: { stored: 1, waiting: 0, waiting_bytes_limit: 1_000_000 },
      store_problem: null,
    });
  expect(await exported(logs, NAMES)).toHaveLength(1);
});

test('a gateway without an upstream says nothing of it', async () => {
  const { call } = await aGateway();
  expect(await call('GET', '/api/proxy')).toMatchObject({
    status: 404,
    body: { detail: expect.stringMatching(/proxy\.upstream/) },
  });
  expect((await call('GET', '/v1/models')).status).toBe(404);
});
