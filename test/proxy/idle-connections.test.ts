import { createServer } from 'node:http';
import { expect, test } from 'vitest';
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
