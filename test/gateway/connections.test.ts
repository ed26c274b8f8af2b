import { once } from 'node:events';
import { type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { CONNECTION_LIMITS, createListener, listen } from '../../src/listener.js';
import { IN_TIME } from '../support/observe.js';
import { aConnection } from '../support/raw-connection.js';
import { exported, logRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';

const QUICK = { ...CONNECTION_LIMITS, headersMs: 2_000, requestMs: 3_000, checkMs: 50 };
const HEAD = 'POST /api/logs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

test.each([
  ['headers', 'GET /api/jobs HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ['a body', `${HEAD}Content-Length: 1000\r\n\r\n{`],
  ['nothing at all', ''],
])('a hundred clients that send %s and no more keep others from their answers', async (_what, sent) => {
  const { url, call } = await aGateway({ limits: QUICK });
  const slow = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const one = await aConnection(url);
      one.socket.write(sent);
      return one;
    }),
  );
  expect((await call('GET', '/api/jobs')).status).toBe(200);
  // It ends them all, while others are served.
  const ends = await Promise.all(slow.map(({ all }) => all));
  for (const end of ends) expect(end).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect((await call('GET', '/api/jobs')).status).toBe(200);
});

const LAST_HEALTH = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

test('whoever holds all connections, and asks for nothing whole, keeps a probe from its answer', async () => {
  const { url } = await aGateway({ limits: { ...CONNECTION_LIMITS, most: 3 } });
  const silent = await aConnection(url);
  const slow = await aConnection(url);
  slow.socket.write(`${HEAD}Content-Length: 1000\r\n\r\n{`);
  const kept = await aConnection(url);
  kept.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(kept.socket, 'readable');
  for (const gone of [silent, slow]) {
    const probe = await aConnection(url);
    expect(await gone.all).not.toMatch(/HTTP/);
    probe.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(probe.socket, 'readable');
  }
  // Who has had an answer waits anew from then on.
  kept.socket.write(LAST_HEALTH);
  expect(await kept.all).toMatch(/200 OK[^]*200 OK/);
});

test('a request that is being answered is broken off for a further connection', async () => {
  const server = createListener({ ...CONNECTION_LIMITS, most: 1 }, (_request, response) => {
    server.once('answer', () => response.end('at last'));
    server.emit('asked');
  });
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close().closeAllConnections());
  const first = await aConnection(url);
  const asked = once(server, 'asked');
  first.socket.write(LAST_HEALTH);
  await asked;
  expect(await (await aConnection(url)).all).not.toMatch(/HTTP/);
  server.emit('answer');
  expect(await first.all).toMatch(/at last/);
  const next = await aConnection(url);
  const askedAgain = once(server, 'asked');
  next.socket.write(LAST_HEALTH);
  await askedAgain;
  server.emit('answer');
  expect(await next.all).toMatch(/at last/);
});

test('a client that has said all and closes its half keeps a connection, or others from their answers', async () => {
  const { url, logs, call } = await aGateway();
  const body = JSON.stringify(logRecord(1));
  const half = await Promise.all(Array.from({ length: 100 }, () => aConnection(url)));
  for (const { socket } of half) socket.end(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
  await Promise.all(half.map(({ all }) => all));
  expect((await call('GET', '/api/jobs')).status).toBe(200);
  // What was said whole is done, though nobody waits for the answer.
  await expect.poll(() => exported(logs), IN_TIME).toHaveLength(1);
});

test('a client that closes its half in the middle is waited for, or half of its record is kept', async () => {
  const { url, logs, call } = await aGateway();
  const { socket, all } = await aConnection(url);
  socket.end(`${HEAD}Content-Length: 1000\r\n\r\n${JSON.stringify(logRecord(1))}`);
  expect(await all).toMatch(/^(?:HTTP\/1\.1 400 [^]*)?$/);
  expect(await logs.workloads()).toEqual([]);
  expect((await call('GET', '/health')).status).toBe(200);
});

test('a client that resets its connection during its request ends the gateway', async () => {
  const { url, call } = await aGateway();
  for (const sent of ['GET /api/jobs HTTP/1.1\r\nHost: x\r\n\r\n', `${HEAD}Content-Length: 1000\r\n\r\n{`]) {
    const { socket } = await aConnection(url);
    socket.write(sent);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await call('GET', '/api/jobs')).status).toBe(200);
  }
});

/** A server that gives answers 100 ms, and the answer that it begins to whoever asks first. */
async function anAnswer() {
  const server = createListener(
    { ...CONNECTION_LIMITS, stalledMs: 100 },
    (_request, response) => void server.emit('answer', response),
  );
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close().closeAllConnections());
  const begun = once(server, 'answer').then(([response]) => response as ServerResponse);
  return { url, begun };
}

test('a client that asks for much and reads nothing keeps its connection', async () => {
  const { url, begun } = await anAnswer();
  const socket = connect(Number(new URL(url).port));
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const response = await begun;
  // More than the system takes for it.
  response.end(Buffer.alloc(100_000_000));
  await expect.poll(() => response.destroyed, IN_TIME).toBe(true);
});

test('an answer that comes late, or goes on late, is broken off as if nobody took it', async () => {
  const { url, begun } = await anAnswer();
  const { socket, all } = await aConnection(url);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const response = await begun;
  for (const part of ['first', 'second', 'third']) {
    await once(response, 'timeout');
    response.write(part);
  }
  response.end();
  expect(await all).toMatch(/first[^]*second[^]*third/);
});
