import { expect, test } from 'vitest';
import { gatewayTarget } from '../../src/proxy/gateway-target.js';
import { Lines } from '../../src/proxy/lines.js';
import { keyed, SHOP_KEY } from '../gateway/keyed.js';
import { aGateway } from '../gateway/gateway-world.js';
import { type Answering, anAnsweringServer } from '../support/answering-server.js';
import { logRecord } from '../support/stores.js';

test('a record that makes a body unreadable keeps the others from the gateway for ever, or is not counted', async () => {
  const { url, logs } = await aGateway();
  const deep = logRecord(3, { request: '['.repeat(5_000_001) });
  const lines = [logRecord(1), logRecord(2), deep, logRecord(4), logRecord(5)].map((one) =>
    JSON.stringify(one),
  );
  const { appended, duplicates, errors } = await gatewayTarget(url, null).append(Lines.of(lines));
  expect(appended + duplicates).toBeGreaterThanOrEqual(4);
  expect(errors).toEqual([{ index: 2, reason: expect.stringMatching(/413: The body holds more than/) }]);
  expect(await logs.count({ workloadId: 'checkout', clientId: 'shop', since: 0 })).toMatchObject({ all: 4 });
});

test('records are given up where another key, or a gateway that is well, would take them', async () => {
  const { url } = await aGateway({ configure: keyed });
  const lines = [JSON.stringify(logRecord(1))];
  await expect(gatewayTarget(url, 'another key').append(Lines.of(lines))).rejects.toThrow(/answered 401/);
});

const PAGE = '<html><center><h1>400 Bad Request</h1></center></html>';

test.each<[string, Answering]>([
  ['with a page of nginx', { status: 400, body: PAGE }],
  ['with nothing at all', { status: 400, body: '' }],
  [
    'that they are none of its own',
    { status: 422, body: { detail: [{ loc: ['body'], msg: 'Field required' }] } },
  ],
  ['with counts and no reason', { status: 422, body: { appended: 0, duplicates: 0, errors: [] } }],
  ['that all is well', { status: 200, body: PAGE }],
])('records are given up since another server than a gateway answers %s', async (_what, answer) => {
  const { url } = await anAnsweringServer(() => answer);
  const lines = [1, 2, 3].map((n) => JSON.stringify(logRecord(n)));
  await expect(gatewayTarget(url, null).append(Lines.of(lines))).rejects.toThrow(
    /a gateway says it otherwise/,
  );
});

test('records wait for ever, since a server before the gateway takes only some at once', async () => {
  const taken: string[] = [];
  const { url } = await anAnsweringServer(({ body }) => {
    const lines = body.trimEnd().split('\n');
    if (lines.length > 2) return { status: 413, body: PAGE };
    taken.push(...lines);
    return { body: { appended: lines.length, duplicates: 0, errors: [] } };
  });
  const lines = Array.from({ length: 9 }, (_, n) => JSON.stringify(logRecord(n)));
  const kept = await gatewayTarget(url, null).append(Lines.of(lines));
  expect([kept, taken]).toEqual([{ appended: 9, duplicates: 0, errors: [], notTaken: [] }, lines]);
});

test('one record that a server before the gateway finds too long keeps the others', async () => {
  const { url } = await anAnsweringServer(({ body }) =>
    body.includes('long')
      ? { status: 413, body: PAGE }
      : { body: { appended: body.trimEnd().split('\n').length, duplicates: 0, errors: [] } },
  );
  const lines = ['a', 'b', 'c', 'long', 'e'].map((request, n) => JSON.stringify(logRecord(n, { request })));
  expect(await gatewayTarget(url, null).append(Lines.of(lines))).toEqual({
    ...{ appended: 4, duplicates: 0, errors: [] },
    notTaken: [
      { index: 3, reason: expect.stringMatching(/413: .*check its address, and what stands before/) },
    ],
  });
});

test('records of a client for which the key is not good are taken for refused', async () => {
  const { url } = await aGateway({ configure: keyed });
  const bank = logRecord(1, { client_id: 'bank' });
  const lines = [bank, logRecord(2), { client_id: 'shop' }].map((one) => JSON.stringify(one));
  expect(await gatewayTarget(url, SHOP_KEY).append(Lines.of(lines))).toMatchObject({
    ...{ appended: 1, duplicates: 0 },
    errors: [{ index: 2 }],
    notTaken: [{ index: 0, reason: expect.stringMatching(/not good for/) }],
  });
});
