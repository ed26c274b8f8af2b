import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { expect, test } from 'vitest';
import { answerErrors } from '../../src/gateway/errors.js';
import { bodyOf } from '../../src/gateway/json-body.js';
import { Intake } from '../../src/gateway/log-intake/intake.js';
import { wholeBody } from '../../src/gateway/whole-body.js';
import { createLogger } from '../../src/logger.js';
import { listening } from '../support/listening.js';
import { IN_TIME } from '../support/observe.js';
import { send } from './gateway-world.js';
import { aSlowRequest } from './log-route.js';

const LIMIT = 100;

/** A route that answers with the length of its body, of which two are read at a time. */
async function aRoute() {
  const intake = new Intake({ requests: 2, bytes: Number.POSITIVE_INFINITY });
  const app = express();
  app.post('/', wholeBody(intake, LIMIT), (request, response) => {
    response.json(bodyOf(request).length);
  });
  app.use(answerErrors(createLogger('fatal')));
  const url = await listening(createServer(app));
  const call = (body: string | Uint8Array, headers = {}) => send(url, 'POST', body, headers);
  return { intake, url, call };
}

test('bodies that do not come to their end fill the memory, or keep others from being read', async () => {
  const { intake, url, call } = await aRoute();
  const slow = [0, 1].map(() => aSlowRequest(url, { 'content-length': '50' }));
  for (const { write } of slow) write('0123456789');
  await expect.poll(() => intake.held, IN_TIME).toBe(20);
  expect(await call('whole')).toMatchObject({ status: 200, body: 5 });
  const [gaveWay] = await Promise.race(slow.map(({ answered }) => answered));
  expect(gaveWay).toMatchObject({ statusCode: 429, headers: { 'retry-after': '1' } });
});

test.each([
  ['plain', (text: string) => text, {}],
  ['packed', (text: string) => gzipSync(text), { 'content-encoding': 'gzip' }],
])('a body that is %s is longer than it may be, or refused', async (_what, written, headers) => {
  const { call, intake } = await aRoute();
  expect(await call(written('x'.repeat(LIMIT)), headers)).toMatchObject({ status: 200, body: LIMIT });
  expect(await call(written('x'.repeat(LIMIT + 1)), headers)).toMatchObject({ status: 413 });
  expect(intake.held).toBe(0);
});
