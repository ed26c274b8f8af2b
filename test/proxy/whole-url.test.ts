import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { IN_TIME } from '../support/observe.js';
import { aConnection } from '../support/raw-connection.js';
import { aGatewayBefore, answered, anUpstream, aProxy, asked } from './proxy-world.js';

const Status = z.object({ records: z.object({ stored: z.number(), waiting: z.number() }) });

async function aSeeingUpstream() {
  const seen: string[] = [];
  const url = await anUpstream((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  return { url, seen };
}

async function send(url: string, line: string, body = ''): Promise<string> {
  const { socket, all } = await aConnection(url);
  const headers = ['Host: x', 'Connection: close', `Content-Length: ${Buffer.byteLength(body)}`];
  socket.write([`${line} HTTP/1.1`, ...headers, '', body].join('\r\n'));
  return await all;
}

describe.each([
  ['flywheel proxy', (upstream: string) => aProxy(upstream)],
  ['a gateway', (upstream: string) => aGatewayBefore(upstream)],
])('to %s, a request whose target is a whole URL', (_what, start) => {
  test('passes elsewhere, or is not logged', async () => {
    const upstream = await aSeeingUpstream();
    const { url } = await start(upstream.url);
    const chat = 'http://flywheel:8000/v1/chat/completions?api-version=1';
    expect(await send(url, `POST ${chat}`, JSON.stringify(asked(1)))).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(await send(url, 'GET HTTP://[::1]/v1/models/m')).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(upstream.seen).toEqual(['POST /v1/chat/completions?api-version=1', 'GET /v1/models/m']);
    const kept = async () => {
      const { records } = Status.parse(await (await fetch(`${url}/api/proxy`)).json());
      return records.stored + records.waiting;
    };
    await expect.poll(kept, IN_TIME).toBe(1);
  });

  test.each([
    'http://flywheel/admin',
    'http://flywheel/v1/../admin',
    'http://flywheel\\v1\\models/v1/../files',
    'http://flywheel?/v1/models',
    'http://flywheel/v1/models\\..\\..\\admin',
    '/http://flywheel/v1/models',
  ])('%s leads out of the upstream', async (target) => {
    const upstream = await aSeeingUpstream();
    const { url } = await start(upstream.url);
    expect(await send(url, `GET ${target}`)).toMatch(/^HTTP\/1\.1 40[04] /);
    expect(upstream.seen).toEqual([]);
  });
});
