import { once } from 'node:events';
import {
  Agent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type RequestListener,
} from 'node:http';
import { text } from 'node:stream/consumers';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { hearEarlyAnswers } from '../../src/proxy/early-answers.js';
import { Memory, MOST_HELD_BYTES } from '../../src/proxy/memory.js';
import { IN_TIME } from '../support/observe.js';
import { anUpstream, aProxy, CHAT } from './proxy-world.js';

const REASON = 'The body is too large. '.repeat(100);
const UPLOAD = Buffer.alloc(3_000_000);

/** One connection, which is kept: who could not send all that it has to send could not ask again. */
let agent: Agent;
beforeEach(() => {
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
});

const LENGTH = { 'content-length': UPLOAD.length };

const anUpload = (url: string, headers: OutgoingHttpHeaders = LENGTH) => {
  const asking = request(url + CHAT, { method: 'POST', agent, headers });
  return { asking, answer: answerTo(asking) };
};

async function answerTo(asking: ReturnType<typeof request>) {
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await text(answer) };
}

/** Answers questions, and refuses uploads. */
const refusing = (refuse: RequestListener) =>
  anUpstream((req, res) => {
    if (req.method === 'GET') res.end('models');
    else refuse(req, res);
  });

const AND_CLOSE = { connection: 'close', 'content-length': REASON.length };

test.each<[string, RequestListener]>([
  ['closes', (_req, res) => res.writeHead(413, AND_CLOSE).end(REASON)],
  [
    'reads a part and closes',
    (req, res) => void req.once('data', () => res.writeHead(413, AND_CLOSE).end(REASON)),
  ],
  [
    'breaks the connection off',
    (req, res) => res.writeHead(413, AND_CLOSE).end(REASON, () => req.socket.destroy()),
  ],
  ['says no length and closes', (_req, res) => res.writeHead(413, { connection: 'close' }).end(REASON)],
  ['waits for no more', (_req, res) => res.writeHead(413).end(REASON)],
])(
  'the answer of an upstream that answers a request before it has read it, and %s, is lost',
  async (_how, refuse) => {
    const { url } = await aProxy(await refusing(refuse));
    // Often, since what comes first is chance.
    for (let n = 0; n < 20; n++) {
      const { asking, answer } = anUpload(url, n % 2 === 0 ? LENGTH : {});
      asking.end(UPLOAD);
      expect(await answer).toEqual({ status: 413, body: REASON });
      const next = request(`${url}/v1/models`, { agent }).end();
      expect(await answerTo(next)).toEqual({ status: 200, body: 'models' });
    }
  },
);

test('an upstream that closes while it is asked, and says nothing, is waited for', async () => {
  const { url } = await aProxy(await refusing((req) => void req.once('data', () => req.socket.destroy())));
  const { asking, answer } = anUpload(url);
  asking.end(UPLOAD);
  expect(await answer).toMatchObject({
    status: 502,
    body: expect.stringMatching(/cannot be asked \(ECONNRESET\)/),
  });
});

test('the rest of a request that was answered early keeps memory', async () => {
  const memory = new Memory();
  const upstream = await refusing((_req, res) => res.writeHead(413).end(REASON));
  const world = await aProxy(upstream, undefined, { memory });
  const { asking, answer } = anUpload(world.url);
  asking.write(UPLOAD.subarray(0, 1_000));
  expect(await answer).toEqual({ status: 413, body: REASON });
  await expect.poll(() => world.proxy.status(), IN_TIME).toMatchObject({ not_logged: { failed: 1 } });
  asking.end(UPLOAD.subarray(1_000));
  // Over the same connection, so that all of the request has been read before.
  await answerTo(request(`${world.url}/v1/models`, { agent }).end());
  expect(memory.take(MOST_HELD_BYTES)).toBe(true);
});

test('an answer that came whole is lost, since more came behind it', async () => {
  const upstream = await anUpstream(
    (_req, res) => void res.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok, and more'),
  );
  const { url } = await aProxy(upstream);
  expect(await answerTo(request(`${url}/v1/models`, { agent }).end())).toEqual({ status: 200, body: 'ok' });
});

test.each([
  ['whose length is said', LENGTH],
  ['in chunks', {}],
])('a connection that was closed during a request %s is kept for the next one', async (_how, headers) => {
  hearEarlyAnswers(agent);
  let close: () => Promise<unknown> = () => Promise.resolve();
  const upstream = await anUpstream((req, res) => {
    close = () => once(req.socket.destroy(), 'close');
    res.writeHead(413, { 'content-length': REASON.length }).end(REASON);
  });
  const { asking, answer } = anUpload(upstream, headers);
  asking.write(UPLOAD.subarray(0, 1_000));
  await answer;
  // So that its end is not read before the rest is written.
  asking.socket?.pause();
  await close();
  const freed = once(agent, 'free');
  asking.end(UPLOAD.subarray(1_000));
  await freed;
  expect(agent.freeSockets).toEqual({});
});
