import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { LoggingProxy, type ProxySettings, serveProxy } from '../../src/proxy/index.js';
import type { Memory } from '../../src/proxy/memory.js';
import { aGateway, type WorldOptions } from '../gateway/gateway-world.js';
import { aFolder } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { listening } from '../support/openai-world.js';

export const NAMES = { clientId: 'shop', workloadId: 'checkout' };

/** A proxy whose records go to a gateway; without one, to where nobody is. */
export async function aProxy(
  upstream: string,
  gatewayUrl = 'http://127.0.0.1:9',
  {
    memory,
    stopTimeoutMs = 600_000,
    ...changes
  }: Partial<ProxySettings> & { memory?: Memory; stopTimeoutMs?: number } = {},
) {
  const settings: ProxySettings = {
    ...{ upstream, ...NAMES, logLevel: 'fatal' },
    spool: { folder: join(await aFolder(), 'spool'), limitBytes: 100_000_000 },
    target: { kind: 'gateway', url: gatewayUrl, key: null },
    ...changes,
  };
  const proxy = await LoggingProxy.start(settings, null, memory);
  const { url, close } = await serveProxy(proxy, { host: '127.0.0.1', port: 0, stopTimeoutMs });
  let isClosed = false;
  const closeAll = async () => {
    if (isClosed) return;
    isClosed = true;
    await close();
    await proxy.close();
  };
  onTestFinished(closeAll);
  return { url, proxy, spool: settings.spool.folder, close: closeAll };
}

/** A gateway that passes requests on, and logs them into its own store. */
export const aGatewayBefore = (upstream: string, options: WorldOptions = {}) =>
  aGateway({
    ...options,
    proxy: async (logs) =>
      LoggingProxy.start(
        {
          ...{ upstream, ...NAMES, logLevel: 'fatal', target: { kind: 'owner' } },
          spool: { folder: await aFolder(), limitBytes: 1_000_000 },
        },
        logs,
      ),
  });

/** An upstream that does what the test says. */
export const anUpstream = (answer: RequestListener): Promise<string> => listening(createServer(answer));

/** Begins each answer as a stream, with which the test goes on. */
export async function aStreamingUpstream() {
  const answers: ServerResponse[] = [];
  const url = await anUpstream((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    answers.push(response);
  });
  return { url, answers };
}

/** A chunk of a stream. */
export const chunk = (content: string, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;

export const CHAT = '/v1/chat/completions';
export const asked = (n: number) => ({ model: 'm', messages: [{ role: 'user', content: `question ${n}` }] });

export const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url + CHAT, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** A chat completion. */
export const answered = (n: number) => ({
  ...{ id: `chatcmpl-${n}`, object: 'chat.completion', created: 1_700_000_000, model: 'm' },
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: `answer ${n}` },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
});

/** The answer to a question, that has begun. */
export async function begun(url: string, headers: Record<string, string>, body: string) {
  const asking = httpRequest(url + CHAT, { method: 'POST', headers, agent: false });
  asking.end(body);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return answer;
}

/** An answer as it came over the wire: status line, headers in their order and case, and bytes. */
export async function raw(url: string, headers: Record<string, string>, body: string) {
  const answer = await begun(url, headers, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  const { statusCode, statusMessage, rawHeaders } = answer;
  return { statusCode, statusMessage, rawHeaders, bytes: Buffer.concat(chunks) };
}

/** Resolves when nobody listens there any more. */
export const untilGone = (url: string): Promise<void> =>
  expect
    .poll(
      () =>
        fetch(`${url}/health`).then(
          () => 'up',
          () => 'gone',
        ),
      IN_TIME,
    )
    .toBe('gone');
