import type { IncomingHttpHeaders } from 'node:http';
import { beforeEach, expect, test } from 'vitest';
import { BANK_KEY, keyed, OPS_KEY, SHOP_KEY } from '../gateway/keyed.js';
import { aGatewayBefore, answered, anUpstream, asked, post } from './proxy-world.js';

let seen: IncomingHttpHeaders[];
let url: string;
beforeEach(async () => {
  seen = [];
  const upstream = await anUpstream((request, response) => {
    seen.push(request.headers);
    request.resume();
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered(1)));
  });
  ({ url } = await aGatewayBefore(upstream, { configure: keyed }));
});

test.each([
  ['no key', {}, 401],
  ['an unknown key', { 'X-Flywheel-Key': 'nonsense' }, 401],
  ['its key in the header of the upstream', { authorization: `Bearer ${SHOP_KEY}` }, 401],
  ['the key of another client', { 'X-Flywheel-Key': BANK_KEY }, 404],
  ['another client than its own', { 'X-Flywheel-Key': SHOP_KEY, 'X-Flywheel-Client-Id': 'bank' }, 404],
])('a request with %s reaches the upstream', async (_what, headers, status) => {
  const answer = await post(url, asked(1), headers);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toEqual({ detail: expect.any(String) });
  expect(seen).toEqual([]);
});

test('a key is not good for its own client since that has an accent', async () => {
  const client = Buffer.from('café').toString('latin1');
  const headers = { 'X-Flywheel-Key': BANK_KEY, 'X-Flywheel-Client-Id': client };
  expect((await post(url, asked(1), headers)).status).toBe(200);
});

test('what became of the records of all is told to a client', async () => {
  const statusFor = async (key: string) =>
    (await fetch(`${url}/api/proxy`, { headers: { authorization: `Bearer ${key}` } })).status;
  expect([await statusFor(SHOP_KEY), await statusFor(OPS_KEY)]).toEqual([404, 200]);
});

test('a good key goes further than the gateway, or that of the upstream does not', async () => {
  const headers = { 'X-Flywheel-Key': SHOP_KEY, authorization: 'Bearer sk-upstream' };
  expect((await post(url, asked(1), headers)).status).toBe(200);
  expect(seen).toMatchObject([{ authorization: 'Bearer sk-upstream' }]);
  expect(JSON.stringify(seen)).not.toContain(SHOP_KEY);
});
