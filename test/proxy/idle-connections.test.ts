import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { IDLE_MS } from '../../src/proxy/upstream.js';
import { IN_TIME } from '../support/observe.js';
import { listening } from '../support/openai-world.js';
import { aProxy } from './proxy-world.js';

test('a connection is used again though the upstream says that it is about to close it', async () => {
  let opened = 0;
  const server = createServer({ keepAliveTimeout: 1_000 }, (_req, res) => void res.end('{}'));
  server.on('connection', () => (opened += 1));
  const { url } = await aProxy(await listening(server));
  for (let n = 0; n < 2; n++) await (await fetch(`${url}/v1/models`)).text();
  expect(opened).toBe(2);
});

test('a connection that nobody uses is kept until a server that says nothing of its two seconds closes it', async () => {
  let closed = 0;
  const server = createServer({ keepAliveTimeout: 0 }, (_req, res) => void res.end('{}'));
  server.on('connection', (socket) => socket.on('close', () => (closed += 1)));
  const { url } = await aProxy(await listening(server));
  await (await fetch(`${url}/v1/models`)).text();
  await expect.poll(() => closed, IN_TIME).toBe(1);
  // gunicorn's.
  expect(IDLE_MS).toBeLessThan(2_000);
});
