import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { anAnsweringServer } from '../support/answering-server.js';
import { IN_TIME } from '../support/observe.js';
import {
  aGatewayBefore,
  answered,
  anUpstream,
  aProxy,
  aStreamingUpstream,
  asked,
  begun,
  CHAT,
  chunk,
  post,
  raw,
  untilGone,
} from './proxy-world.js';

const BODY = JSON.stringify(asked(1));
const notLogged = async ({ proxy }: Awaited<ReturnType<typeof aProxy>>) => (await proxy.status()).not_logged;

/** Headers that are of the connection to whoever asks. */
const ofConnection = new Set(['connection', 'keep-alive', 'transfer-encoding']);
const passing = (rawHeaders: string[]) => {
  const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1]]] : []));
  return pairs.filter(([name = '']) => !ofConnection.has(name.toLowerCase()));
};

describe('an answer', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    [
      'of JSON',
      (res) => res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answered(1))),
    ],
    [
      'that is packed, with headers of its own',
      (res) =>
        res
          .writeHead(200, 'Fine', [
            ...['X-Request-Id', 'a', 'Content-Type', 'application/json', 'content-encoding', 'gzip'],
            ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'OpenAI-Processing-MS', '12'],
          ])
          .end(gzipSync(JSON.stringify(answered(1)))),
    ],
    [
      'that is an error',
      (res) => res.writeHead(429, 'Slow Down', { 'Retry-After': '7' }).end('{"error": {}}'),
    ],
    ['without a body', (res) => res.writeHead(204, { Date: 'Mon, 01 Jan 2024 00:00:00 GMT' }).end()],
    [
      'of any bytes',
      (res) => res.writeHead(200).end(Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 256))),
    ],
    [
      'that says no date',
      (res) => void ((res.sendDate = false), res.writeHead(200, { 'content-length': 2 }).end('ok')),
    ],
  ])('%s is altered', async (_what, answer) => {
    const upstream = await anUpstream((req, res) => {
      req.resume();
      answer(res);
    });
    const { url } = await aProxy(upstream);
    const headers = { 'content-type': 'application/json', 'accept-encoding': 'gzip' };
    const bare = await raw(upstream, headers, BODY);
    const passed = await raw(url, headers, BODY);
    const withoutDate = ({ rawHeaders, ...rest }: typeof bare) => ({
      ...rest,
      headers: passing(rawHeaders).map(([name, value]) => [name, name === 'Date' ? 'some' : value]),
    });
    expect(withoutDate(passed)).toEqual(withoutDate(bare));
  });

  test('of a stream is held back, or of another length', async () => {
    let go: () => void = () => undefined;
    const upstream = await anUpstream((req, res) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      go = () => void res.write('data: 1\n\n');
    });
    const { url } = await aProxy(upstream);
    const asking = request(url + CHAT, { method: 'POST', agent: false }).on('error', () => undefined);
    onTestFinished(() => void asking.destroy());
    asking.end(BODY);
    const [answer] = await once(asking, 'response');
    for (let n = 0; n < 3; n++) {
      const chunk = once(answer, 'data');
      go();
      expect(String((await chunk)[0])).toBe('data: 1\n\n');
    }
  });

  test('is taken faster than the caller takes it', async () => {
    let sent = 0;
    const piece = Buffer.alloc(1_000_000);
    const upstream = await anUpstream((req, res) => {
      req.resume();
      if (req.method === 'GET') return res.end('{}');
      const write = () => {
        while (sent++ < 200 && res.write(piece));
        if (sent < 200) res.once('drain', write);
        else res.end();
      };
      write();
    });
    const { url } = await aProxy(upstream);
    const asking = request(url + CHAT, { method: 'POST', agent: false });
    asking.end(BODY);
    const [answer] = await once(asking, 'response');
    // Nobody reads, and there is time for much more than fits into the buffers of sockets.
    for (let n = 0; n < 200; n++) await (await fetch(`${url}/v1/models`)).text();
    expect(sent).toBeLessThan(100);
    let bytes = 0;
    for await (const chunk of answer) bytes += chunk.length;
    expect(bytes).toBe(200_000_000);
  });
});

describe('a request', () => {
  test('reaches the upstream altered, or with what is for the proxy alone', async () => {
    const server = await anAnsweringServer(() => ({ body: answered(1) }));
    const { url } = await aProxy(`${server.url}/openai/v1/`);
    const headers = {
      authorization: 'Bearer sk-secret',
      'x-flywheel-client-id': 'a',
      'x-flywheel-session-id': 's',
      'openai-organization': 'o',
    };
    await fetch(`${url}${CHAT}?api-version=1`, { method: 'POST', headers, body: ` ${BODY}\n` });
    await fetch(`${url}/v1/models`);
    const [chat, models] = server.asked;
    expect(chat).toMatchObject({
      method: 'POST',
      url: '/openai/v1/chat/completions?api-version=1',
      body: ` ${BODY}\n`,
    });
    expect(chat?.headers).toMatchObject({
      authorization: 'Bearer sk-secret',
      'openai-organization': 'o',
      host: new URL(server.url).host,
    });
    expect(Object.keys(chat?.headers ?? {}).filter((name) => name.startsWith('x-flywheel'))).toEqual([]);
    expect(models).toMatchObject({ method: 'GET', url: '/openai/v1/models', body: '' });
  });

  test('to an upstream that is not there hangs, or is not told so in the form of OpenAI', async () => {
    const world = await aProxy('http://127.0.0.1:9');
    const answer = await post(world.url, asked(1));
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringMatching(/127\.0\.0\.1:9.*ECONNREFUSED/) },
    });
    expect(await notLogged(world)).toMatchObject({ failed: 1 });
  });

  test('of a caller that has gone away goes on', async () => {
    const begun = createServer();
    const url = await anUpstream((req, res) => begun.emit('request', req, res));
    const world = await aProxy(url);
    const asking = request(world.url + CHAT, { method: 'POST', agent: false }).on('error', () => undefined);
    asking.end(BODY);
    const [, response] = await once(begun, 'request');
    asking.destroy();
    await once(response, 'close');
    await expect.poll(() => notLogged(world), IN_TIME).toMatchObject({ cut: 1 });
  });
});

describe('an answer that is no whole one', () => {
  test('is passed on as one, or logged', async () => {
    const upstream = await anUpstream((req, res) => {
      req.resume();
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n', () => res.destroy());
    });
    const world = await aProxy(upstream);
    const answer = await post(world.url, { ...asked(1), stream: true });
    await expect(answer.text()).rejects.toThrow();
    await expect.poll(() => notLogged(world), IN_TIME).toMatchObject({ cut: 1 });
    expect((await world.proxy.status()).records).toMatchObject({ waiting: 0, stored: 0 });
  });

  test('since nobody knows whose it is, or it is too long, is not counted', async () => {
    const upstream = await anUpstream((req, res) => {
      req.resume();
      req.on('end', () =>
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1))),
      );
    });
    const world = await aProxy(upstream, undefined, { clientId: null });
    expect((await post(world.url, asked(1))).status).toBe(200);
    const long = { ...asked(1), user: 'x'.repeat(10_000_000) };
    expect((await post(world.url, long, { 'x-flywheel-client-id': 'c' })).status).toBe(200);
    await expect.poll(() => notLogged(world), IN_TIME).toMatchObject({ unnamed: 1, too_long: 1 });
  });
});

test.each([
  ['HTTP/1.1 099 Odd', (upstream: string) => aProxy(upstream)],
  ['HTTP/1.1 200 O\x01K', (upstream: string) => aProxy(upstream)],
  ['HTTP/1.1 200 O\x01K', (upstream: string) => aGatewayBefore(upstream)],
  ['HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x', (upstream: string) => aProxy(upstream)],
])('an upstream that answers %j ends whoever asks it, or is waited for', async (line, start) => {
  const upstream = await anUpstream((_req, res) => void res.socket?.end(`${line}\r\nX-A: b\r\n\r\nok`));
  const { url } = await start(upstream);
  const answer = await post(url, asked(1));
  expect([answer.status, answer.headers.get('x-a')]).toEqual([502, null]);
  expect(await answer.json()).toMatchObject({ error: { message: expect.stringMatching(/no HTTP/) } });
});

test('a path that does not begin with /v1/ is passed on', async () => {
  const { url } = await aProxy('http://127.0.0.1:9');
  expect((await fetch(`${url}/admin`)).status).toBe(404);
});

test.each([
  '/v1/../admin',
  '/v1/models/..',
  '/v1/models/%2E./x',
  '/v1/./models',
  '/v1/a/.%2e/../b?x=1',
  '/v1/models/..%2f..%2Fadmin',
  '/v1/a/..\\b',
])('%s leads out of the upstream', async (path) => {
  const seen: string[] = [];
  const upstream = await anUpstream((req, res) => {
    seen.push(req.url ?? '');
    res.end();
  });
  const { url } = await aProxy(upstream);
  const { hostname, port } = new URL(url);
  const asking = request({ hostname, port, path, agent: false }).end();
  const [answer] = await once(asking, 'response');
  answer.resume();
  expect(answer.statusCode).toBe(400);
  expect(seen).toEqual([]);
});

test('a proxy that is stopped is kept by a caller that goes on asking', async () => {
  const { url, close } = await aProxy(await anUpstream((_req, res) => void res.end('{}')));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const ask = async () => {
    const [answer] = await once(request(`${url}/v1/models`, { agent }).end(), 'response');
    answer.resume();
    await once(answer, 'end');
  };
  await ask();
  const asking = async (): Promise<never> => {
    for (;;) await ask();
  };
  const refused = expect(asking()).rejects.toThrow(/ECONNREFUSED|ECONNRESET|EPIPE|aborted|socket hang up/);
  await close();
  await refused;
});

test('an answer that has begun is cut by a proxy that stops, which waits for it', async () => {
  const upstream = await aStreamingUpstream();
  const { url, close } = await aProxy(upstream.url);
  const answer = await begun(url, {}, BODY);
  const closed = close();
  await untilGone(url);
  upstream.answers[0]?.end(chunk('a', 'stop'));
  expect(await text(answer)).toBe(chunk('a', 'stop'));
  await closed;
});

test('an answer that never ends keeps a proxy from its end', async () => {
  const upstream = await aStreamingUpstream();
  const { url, close } = await aProxy(upstream.url, undefined, { stopTimeoutMs: 100 });
  const answer = await begun(url, {}, BODY);
  const cut = expect(text(answer)).rejects.toThrow(/aborted/);
  await close();
  await cut;
});
