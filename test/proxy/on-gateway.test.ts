import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';
import { keyed, SHOP_KEY } from '../gateway/keyed.js';
import { aLog } from '../support/a-log.js';
import { IN_TIME } from '../support/observe.js';
import {
  aGatewayBefore,
  answered,
  anUpstream,
  aStreamingUpstream,
  asked,
  begun,
  CHAT,
  chunk,
  post,
  raw,
  untilGone,
} from './proxy-world.js';

const HEADERS = { 'content-type': 'application/json' };
const DURATION = 'flywheel_http_request_duration_seconds';
const BODY = JSON.stringify(asked(1));

/** Answers each question, and says how many came. */
async function aCountingUpstream() {
  const seen: string[] = [];
  const url = await anUpstream((request, response) => {
    seen.push(request.url ?? '');
    request.resume();
    response
      .writeHead(200, [
        ...['X-Request-Id', "the upstream's", 'Content-Type', 'application/json'],
        ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'RateLimit-Limit', '7'],
      ])
      .end(JSON.stringify(answered(1)));
  });
  return { url, seen };
}

test('an answer has other headers than the upstream has given it', async () => {
  const upstream = await aCountingUpstream();
  const { url } = await aGatewayBefore(upstream.url);
  const told = async (from: string) => {
    const { rawHeaders, bytes, ...rest } = await raw(from, HEADERS, BODY);
    const pairs = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
    return { ...rest, text: bytes.toString(), headers: pairs.filter((pair) => !pair.startsWith('Date: ')) };
  };
  expect(await told(url)).toEqual(await told(upstream.url));
});

test('what passes is in no line of log, no metric or no trace', async () => {
  const spans = new InMemorySpanExporter();
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).register();
  onTestFinished(() => trace.disable());
  const { logger, lines } = aLog();
  const upstream = await aCountingUpstream();
  const { url, call } = await aGatewayBefore(upstream.url, { logger });
  // Those of the tests before are of the same process.
  const requests = async (method: string, route: string) => {
    const { text: told } = await call('GET', '/metrics');
    const labels = `{method="${method}",route="${route}",status="200"}`;
    const line = told.split('\n').find((one) => one.startsWith(`${DURATION}_count${labels} `));
    return Number(line?.split(' ').at(-1) ?? 0);
  };
  const before = await requests('POST', CHAT);
  await raw(url, { ...HEADERS, 'x-request-id': 'mine' }, BODY);
  await (await fetch(`${url}/v1/models/m`)).text();
  await expect
    .poll(lines, IN_TIME)
    .toContainEqual(
      expect.objectContaining({ requestId: 'mine', msg: 'request', method: 'POST', path: CHAT, status: 200 }),
    );
  await expect
    .poll(() => spans.getFinishedSpans().map(({ name }) => name), IN_TIME)
    .toEqual(expect.arrayContaining([`POST ${CHAT}`, 'GET /v1/models']));
  await expect
    .poll(async () => (await call('GET', '/metrics')).text, IN_TIME)
    .toMatch(/^flywheel_proxy_records_total\{outcome="stored"\} 1$/m);
  expect([await requests('POST', CHAT), await requests('GET', '/v1/models')]).toEqual([before + 1, 1]);
  const { text: metrics } = await call('GET', '/metrics');
  for (const line of [
    'flywheel_proxy_records_total{outcome="refused"} 0',
    'flywheel_proxy_dropped_total{reason="spool_full"} 0',
    'flywheel_proxy_dropped_total{reason="memory"} 0',
    'flywheel_proxy_not_logged_total{reason="failed"} 0',
    'flywheel_proxy_records_waiting 0',
    'flywheel_proxy_waiting_bytes 0',
  ])
    expect(metrics.split('\n')).toContain(line);
});

test('what is not logged is not told by its reason', async () => {
  const failing = await anUpstream((request, response) => {
    request.resume();
    response.writeHead(500).end();
  });
  const { url, call } = await aGatewayBefore(failing);
  await (await post(url, asked(1))).text();
  await expect
    .poll(async () => (await call('GET', '/metrics')).text, IN_TIME)
    .toMatch(/^flywheel_proxy_not_logged_total\{reason="failed"\} 1$/m);
});

test('more than may be asked in a minute reaches the upstream', async () => {
  const upstream = await aCountingUpstream();
  const { url } = await aGatewayBefore(upstream.url, {
    configure: (config) => {
      keyed(config);
      config.gateway.requestsPerMinute = 2;
    },
  });
  const ask = (key: string) => post(url, asked(1), { 'x-flywheel-key': key });
  const statuses = async (key: string) => {
    const answers: number[] = [];
    for (let n = 0; n < 4; n++) answers.push((await ask(key)).status);
    return answers;
  };
  expect(await statuses(SHOP_KEY)).toEqual([200, 200, 429, 429]);
  expect(await statuses('wrong')).toEqual([401, 401, 429, 429]);
  const refused = await ask(SHOP_KEY);
  expect(await refused.json()).toEqual({ detail: expect.stringMatching(/More than 2 requests in a minute/) });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('x-request-id')).toMatch(/./);
  expect(upstream.seen).toHaveLength(2);
});

test('a stream is held back, or cut by a gateway that stops', async () => {
  const upstream = await aStreamingUpstream();
  const { url, stop, logs } = await aGatewayBefore(upstream.url);
  const answer = await begun(url, HEADERS, BODY);
  for (const said of ['a', 'b']) {
    const piece = once(answer, 'data');
    upstream.answers[0]?.write(chunk(said));
    expect(String((await piece)[0])).toBe(chunk(said));
  }
  const stopped = stop();
  await untilGone(url);
  upstream.answers[0]?.end(chunk('c', 'stop'));
  expect(await text(answer)).toBe(chunk('c', 'stop'));
  await stopped;
  await expect
    .poll(() => logs.count({ workloadId: 'checkout', clientId: 'shop', since: 0 }), IN_TIME)
    .toMatchObject({ all: 1 });
});
