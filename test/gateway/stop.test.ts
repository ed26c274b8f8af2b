import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { aConnection } from '../support/raw-connection.js';
import { exported, logRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';

const isServed = (url: string): Promise<boolean> => {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
  }).then((served) => {
    socket.destroy();
    return served === true;
  });
};

/** A record that is on its way: `end` sends the rest of it. */
function aSlowRecord(url: string) {
  const sending = request(`${url}/api/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  const text = JSON.stringify(logRecord(1));
  sending.write(text.slice(0, 20));
  const status = once(sending, 'response').then(([response]) => {
    response.resume();
    return response.statusCode as number;
  });
  return { status, end: () => sending.end(text.slice(20)) };
}

test('a gateway that is told to stop tells a load balancer to go on sending, turns away whom it may still get, or breaks off a request', async () => {
  const world = await aGateway({ configure: ({ gateway }) => void (gateway.drainMs = 5_000) });
  const { url, call, logs } = world;
  const idle = await aConnection(url);
  idle.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(idle.socket, 'data');
  const record = aSlowRecord(url);

  const stopped = world.stop();
  for (const path of ['/health', '/ready']) {
    const { status, body } = await call('GET', path);
    expect([path, status, body.detail]).toEqual([path, 503, expect.stringMatching(/^stopping: /)]);
  }
  expect((await call('GET', '/api/jobs')).status).toBe(200);

  // Then it takes no more connections, ends those that are idle, and waits for the others.
  await expect.poll(() => isServed(url), { timeout: 30_000 }).toBe(false);
  expect(await idle.all).toMatch(/^HTTP\/1\.1 200 OK/);
  record.end();
  expect(await record.status).toBe(200);
  await stopped;
  expect(await exported(logs)).toHaveLength(1);
});

test('a request that never ends keeps a gateway from its end', async () => {
  const world = await aGateway({ configure: ({ gateway }) => void (gateway.stopTimeoutMs = 100) });
  const { socket, all } = await aConnection(world.url);
  socket.write('POST /api/logs HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
  await world.stop();
  expect(await all).not.toMatch(/ 200 /);
});
