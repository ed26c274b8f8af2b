import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { aConnection } from '../support/raw-connection.js';
import { anUpstream, aProxy } from './proxy-world.js';

/** What a request hides in its body. */
const HIDDEN = 'POST /v1/admin HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
const IN_CHUNKS = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;

/** Answers when it has read a request, and keeps what it read. */
async function aReadingUpstream() {
  const seen: string[] = [];
  const url = await anUpstream((request, response) => {
    void text(request).then((body) => {
      seen.push(`${request.method} ${request.url} ${body}`);
      response.end('ok');
    });
  });
  return { url, seen };
}

/** The answer to one request, as it comes over a connection of its own. */
async function send(url: string, lines: string[], body = ''): Promise<string> {
  const { socket, all } = await aConnection(url);
  socket.write([...lines, 'Host: x', '', body].join('\r\n'));
  return await all;
}

describe.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST'])('the body of a %s', (method) => {
  test.each([
    ['in chunks', ['Connection: close', 'Transfer-Encoding: chunked'], IN_CHUNKS, HIDDEN],
    [
      'in chunks that are said to be of the connection',
      ['Connection: close, Transfer-Encoding', 'Transfer-Encoding: chunked'],
      IN_CHUNKS,
      HIDDEN,
    ],
    [
      'whose length is said to be of the connection',
      ['Connection: close, Content-Length', `Content-Length: ${HIDDEN.length}`],
      HIDDEN,
      HIDDEN,
    ],
    [
      'that asks for another protocol',
      ['Connection: close, Upgrade', 'Upgrade: h2c', `Content-Length: ${HIDDEN.length}`],
      HIDDEN,
      HIDDEN,
    ],
    ['of which nobody says how long it is', ['Connection: close'], '', ''],
  ])('%s is a request of its own to the upstream', async (_how, headers, sent, body) => {
    const upstream = await aReadingUpstream();
    const { url } = await aProxy(upstream.url);
    expect(await send(url, [`${method} /v1/files HTTP/1.1`, ...headers], sent)).toMatch(/^HTTP\/1\.1 200 OK/);
    // Over the same connection to the upstream: the answer to what was hidden would be taken for that of this one.
    expect(await send(url, ['GET /v1/models HTTP/1.1', 'Connection: close'])).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(upstream.seen).toEqual([`${method} /v1/files ${body}`, 'GET /v1/models ']);
  });
});

test.each([
  ['said twice', ['Transfer-Encoding: chunked', `Content-Length: ${IN_CHUNKS.length}`], 400],
  ['no number', ['Content-Length: +3'], 400],
  ['that of chunks, which are not the last coding', ['Transfer-Encoding: chunked, gzip'], 400],
  ['that of chunks of another coding', ['Transfer-Encoding: gzip, chunked'], 501],
  ['that of chunks, otherwise spelled', ['Transfer-Encoding: ,chunked'], 501],
])('a request whose length is %s reaches the upstream', async (_how, headers, status) => {
  const upstream = await aReadingUpstream();
  const { url } = await aProxy(upstream.url);
  const lines = ['POST /v1/files HTTP/1.1', 'Connection: close', ...headers];
  expect(await send(url, lines, IN_CHUNKS)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(upstream.seen).toEqual([]);
});

test('an answer whose length is said to be of the connection has another length', async () => {
  const upstream = await anUpstream((_request, response) => {
    response.writeHead(200, ['Connection', 'keep-alive, Content-Length', 'Content-Length', '2']).end('ok');
  });
  const { url } = await aProxy(upstream);
  const answer = await send(url, ['GET /v1/models HTTP/1.1', 'Connection: close']);
  expect(answer).toMatch(/\r\nContent-Length: 2\r\n[^]*\r\n\r\nok$/);
  expect(answer).not.toMatch(/transfer-encoding/i);
});
