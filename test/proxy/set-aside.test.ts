import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { keyed, OPS_KEY, SHOP_KEY } from '../gateway/keyed.js';
import { aGateway } from '../gateway/gateway-world.js';
import { aFreezableWay } from '../support/freezable-way.js';
import { aFolder } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { exported } from '../support/stores.js';
import { answered, anUpstream, aProxy, asked, post } from './proxy-world.js';

const aChat = () =>
  anUpstream((req, res) => {
    req.resume();
    req.on('end', () =>
      res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1))),
    );
  });
const aSpool = async () => ({ folder: join(await aFolder(), 'spool'), limitBytes: 1_000_000 });
const BANK = { 'x-flywheel-client-id': 'bank' };

test('one record for whose client the key is not good keeps the others, or is thrown away', async () => {
  const { url: gatewayUrl, logs } = await aGateway({ configure: keyed });
  const target = (key: string) => ({ kind: 'gateway' as const, url: gatewayUrl, key });
  const [chat, spool] = [await aChat(), await aSpool()];
  const world = await aProxy(chat, undefined, { spool, target: target(SHOP_KEY) });
  for (const headers of [{}, BANK, {}, BANK]) await (await post(world.url, asked(1), headers)).text();
  await (await post(world.url, asked(2))).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({
      records: { stored: 3, waiting: 2, refused: 0, dropped: 0 },
      store_problem: expect.stringMatching(/^2 records are set aside until the next start: .*not good for/),
    });
  await world.close();
  const again = await aProxy(chat, undefined, { spool, target: target(OPS_KEY) });
  await expect
    .poll(() => again.proxy.status(), IN_TIME)
    .toMatchObject({ records: { stored: 2, waiting: 0 }, store_problem: null });
  expect(await exported(logs, { clientId: 'bank' })).toHaveLength(2);
  expect(readdirSync(spool.folder).filter((name) => name.endsWith('ndjson'))).toEqual([]);
});

test('one record that is too long for a server before the gateway keeps the others, or is thrown away', async () => {
  const { url: gatewayUrl, logs } = await aGateway();
  let most = 5_000;
  const passOn = async (body: string): Promise<[number, string]> => {
    if (body.length > most) return [413, '<h1>413 Request Entity Too Large</h1>'];
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${gatewayUrl}/api/logs`, { method: 'POST', body, headers });
    return [answer.status, await answer.text()];
  };
  const between = await anUpstream((req, res) => {
    void text(req)
      .then(passOn)
      .then(([status, body]) => res.writeHead(status).end(body));
  });
  const [chat, spool] = [await aChat(), await aSpool()];
  const world = await aProxy(chat, between, { spool });
  for (const user of ['a', 'x'.repeat(6_000), 'b'])
    await (await post(world.url, { ...asked(1), user })).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({
      records: { stored: 2, waiting: 1, refused: 0 },
      store_problem: expect.stringMatching(/^1 records are set aside .*answered 413/),
    });
  await world.close();
  most = 10_000;
  const again = await aProxy(chat, between, { spool });
  await expect
    .poll(() => again.proxy.status(), IN_TIME)
    .toMatchObject({ records: { stored: 1, waiting: 0 }, store_problem: null });
  expect(await exported(logs)).toHaveLength(3);
});

test('what is set aside takes the room of all others, or is dropped silently', async () => {
  const { url: gatewayUrl } = await aGateway({ configure: keyed });
  const target = { kind: 'gateway' as const, url: gatewayUrl, key: SHOP_KEY };
  const world = await aProxy(await aChat(), undefined, {
    ...{ target, spool: { ...(await aSpool()), limitBytes: 4_000 } },
  });
  for (let n = 1; n <= 12; n++) {
    await (await post(world.url, asked(n), BANK)).text();
    await expect
      .poll(async () => {
        const { waiting, dropped, waiting_bytes } = (await world.proxy.status()).records;
        return [waiting + dropped, waiting_bytes <= 2_000];
      }, IN_TIME)
      .toEqual([n, true]);
  }
  const { records, dropped_by_reason } = await world.proxy.status();
  expect(records.waiting).toBeGreaterThan(1);
  expect(records).toMatchObject({ dropped: 12 - records.waiting, refused: 0 });
  expect(dropped_by_reason).toMatchObject({ spool_full: records.dropped });
  await (await post(world.url, asked(13))).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({ records: { stored: 1, waiting: records.waiting } });
});

test.each([
  ['deleted', () => undefined, { waiting: 0, dropped: 1 }, null],
  ['no more to be read', (file: string) => void mkdirSync(file), { waiting: 1, dropped: 0 }, /^1 .*EISDIR/],
])('a file of the spool that is %s keeps what comes for ever', async (_what, replace, records, problem) => {
  const { url: gatewayUrl } = await aGateway();
  const way = await aFreezableWay(gatewayUrl);
  way.cut();
  const world = await aProxy(await aChat(), way.url, { spool: await aSpool() });
  // One: a second might come into a file that is still written to.
  await (await post(world.url, asked(0))).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({ records: { waiting: 1 }, store_problem: expect.stringMatching(/No gateway answers/) });
  for (const name of readdirSync(world.spool).filter((name) => name.endsWith('.ndjson'))) {
    rmSync(join(world.spool, name));
    replace(join(world.spool, name));
  }
  // Read before it was deleted, it might still be delivered.
  if (problem === null) await expect.poll(() => world.proxy.status(), IN_TIME).toMatchObject({ records });
  way.mend();
  await (await post(world.url, asked(4))).text();
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({
      records: { stored: 1, refused: 0, ...records },
      store_problem: problem === null ? null : expect.stringMatching(problem),
    });
});
