import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { aGateway } from '../gateway/gateway-world.js';
import { aFreezableWay } from '../support/freezable-way.js';
import { aFolder } from '../support/local-platform.js';
import { flywheel } from '../support/program.js';
import { exported, recordsOf } from '../support/stores.js';
import { answered, anUpstream, aProxy, asked, NAMES, post } from './proxy-world.js';

const PATIENT = { timeout: 40_000 };

const Status = z.object({
  records: z.object({
    stored: z.number(),
    waiting: z.number(),
    dropped: z.number(),
    refused: z.number(),
    waiting_bytes: z.number(),
  }),
  store_problem: z.string().nullable(),
});
const statusOf = async (url: string) => Status.parse(await (await fetch(`${url}/api/proxy`)).json());

const numberOf = (request: unknown): number => {
  const { messages } = request as ReturnType<typeof asked>;
  return Number(/\d+/.exec(messages[0]?.content ?? '')?.[0]);
};

const aChat = () =>
  anUpstream((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const n = numberOf(JSON.parse(Buffer.concat(chunks).toString()));
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(n)));
    });
  });

test('the store is away and the proxy is killed: an answer is late, or a record lost or doubled', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  const way = await aFreezableWay(gatewayUrl);
  const upstream = await aChat();
  const spool = join(await aFolder(), 'spool');
  const start = async () => {
    const names = ['--client', 'shop', '--workload', 'checkout'];
    const args = [
      'proxy',
      '--upstream',
      upstream,
      '--url',
      way.url,
      '--port',
      '0',
      '--spool',
      spool,
      ...names,
    ];
    const program = flywheel(args, { LOG_LEVEL: 'info' });
    const [, url = ''] = await program.said(/Passing (\S+)\/v1 on to/);
    return { program, url };
  };
  const send = async (url: string, from: number, to: number) => {
    for (let n = from; n < to; n++) expect((await post(url, asked(n))).status).toBe(200);
  };

  const first = await start();
  await send(first.url, 0, 20);
  await expect
    .poll(() => statusOf(first.url), PATIENT)
    .toMatchObject({ records: { stored: 20, waiting: 0 } });
  way.cut();
  await send(first.url, 20, 60);
  await expect
    .poll(() => statusOf(first.url), PATIENT)
    .toMatchObject({
      records: { stored: 20, waiting: 40, dropped: 0 },
      store_problem: expect.stringMatching(/No gateway answers/),
    });
  await first.program.said(/records wait on disk for the store/);
  first.program.child.kill('SIGKILL');
  await first.program.ended();

  const second = await start();
  expect(await statusOf(second.url)).toMatchObject({ records: { waiting: 40 } });
  await send(second.url, 60, 80);
  await expect
    .poll(() => statusOf(second.url), PATIENT)
    .toMatchObject({ records: { stored: 0, waiting: 60 } });
  way.mend();
  await expect
    .poll(() => statusOf(second.url), PATIENT)
    .toMatchObject({ records: { stored: 60, waiting: 0, waiting_bytes: 0 }, store_problem: null });
  await second.program.said(/the store takes records again/);
  const kept: number[] = [];
  for await (const page of logs.export(NAMES))
    for (const { record } of recordsOf(page)) kept.push(numberOf(record.request));
  // The store keeps no order within what it takes at once.
  const inParts = [kept.slice(0, 20), kept.slice(20, 60), kept.slice(60)].flatMap((part) =>
    part.toSorted((x, y) => x - y),
  );
  expect(inParts).toEqual(Array.from({ length: 80 }, (_, n) => n));
  second.program.child.kill('SIGTERM');
  expect(await second.program.ended()).toBe(0);
}, 120_000);

test('a spool that is full drops records silently, or takes no more when there is room', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  const way = await aFreezableWay(gatewayUrl);
  way.cut();
  const spool = { folder: join(await aFolder(), 'spool'), limitBytes: 2_000 };
  const world = await aProxy(await aChat(), way.url, { spool });
  for (let n = 0; n < 20; n++) await (await post(world.url, asked(n))).text();
  const { records } = await statusOf(world.url);
  expect(records.waiting).toBeGreaterThan(2);
  expect(records.waiting_bytes).toBeLessThanOrEqual(2_000);
  expect(records.waiting + records.dropped).toBe(20);
  expect(await world.proxy.status()).toMatchObject({ dropped_by_reason: { spool_full: records.dropped } });
  way.mend();
  await expect
    .poll(() => statusOf(world.url), PATIENT)
    .toMatchObject({ records: { stored: records.waiting, waiting: 0 } });
  await (await post(world.url, asked(21))).text();
  await expect
    .poll(() => statusOf(world.url), PATIENT)
    .toMatchObject({ records: { stored: records.waiting + 1 } });
  expect(await exported(logs, NAMES)).toHaveLength(records.waiting + 1);
});

test('records are thrown away, since another server than the gateway refuses them', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  const wrong = await anUpstream((req, res) => {
    req.resume();
    res.writeHead(400, { 'content-type': 'text/html' }).end('<h1>400 Bad Request</h1>');
  });
  const spool = { folder: join(await aFolder(), 'spool'), limitBytes: 1_000_000 };
  const world = await aProxy(await aChat(), wrong, { spool });
  for (let n = 0; n < 5; n++) await (await post(world.url, asked(n))).text();
  await expect
    .poll(() => statusOf(world.url), PATIENT)
    .toMatchObject({
      records: { stored: 0, waiting: 5, refused: 0 },
      store_problem: expect.stringMatching(/answered 400: <h1>/),
    });
  await world.close();
  const again = await aProxy(await aChat(), gatewayUrl, { spool });
  await expect
    .poll(() => statusOf(again.url), PATIENT)
    .toMatchObject({ records: { stored: 5, waiting: 0 }, store_problem: null });
  expect(await exported(logs, NAMES)).toHaveLength(5);
});

test('a stop leaves records behind that the store would take', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  const world = await aProxy(await aChat(), gatewayUrl);
  for (let n = 0; n < 5; n++) await (await post(world.url, asked(n))).text();
  await world.close();
  expect(await exported(logs, NAMES)).toHaveLength(5);
});

test('two proxies work in one folder', async () => {
  const { spool } = await aProxy('http://127.0.0.1:9');
  await expect(
    aProxy('http://127.0.0.1:9', undefined, { spool: { folder: spool, limitBytes: 1 } }),
  ).rejects.toThrow(/another proxy, process \d+, uses the data folder/);
});
