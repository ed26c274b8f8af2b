import { expect, test } from 'vitest';
import { IN_TIME } from '../support/observe.js';
import { aLog } from '../support/a-log.js';
import { logRecord, runRecord } from '../support/stores.js';
import { aGateway, JOB, NO_STORE } from './gateway-world.js';
import { as, BANK_KEY, keyed, OPS_KEY, SHOP_KEY } from './keyed.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test.each<[string, string | undefined, RegExp]>([
  ['none', undefined, UUID],
  ['its own', 'trace-7:a.b', /^trace-7:a\.b$/],
  ['one that would break a line of log', 'a "b"', UUID],
  ['one that is too long', 'x'.repeat(129), UUID],
  ['an empty one', '', UUID],
])('a request that has %s has no id, or another one', async (_what, given, expected) => {
  const { call } = await aGateway();
  const headers: Record<string, string> = given === undefined ? {} : { 'X-Request-Id': given };
  const answers = [
    await call('GET', '/api/jobs', undefined, headers),
    await call('GET', '/x', undefined, headers),
  ];
  for (const answer of answers) expect(answer.headers.get('x-request-id')).toMatch(expected);
});

test('a line of log does not say of which request it is, or of which run', async () => {
  const { logger, lines } = aLog();
  const { call } = await aGateway({ logger, store: NO_STORE });
  await call('GET', '/api/jobs', undefined, { 'X-Request-Id': 'first' });
  await call('POST', '/api/jobs', JOB, { 'X-Request-Id': 'second' });
  const read = await aGateway({ logger });
  const run = runRecord(1);
  await read.runs.put(run);
  await read.call('GET', `/api/jobs/${run.runId}`, undefined, { 'X-Request-Id': 'third' });
  await expect.poll(() => lines().filter(({ msg }) => msg === 'request'), IN_TIME).toHaveLength(3);
  expect(lines().map(({ requestId }) => requestId)).toEqual(
    expect.arrayContaining(['first', 'second', 'third']),
  );
  for (const line of lines()) expect(line).toMatchObject({ requestId: expect.any(String) });
  expect(lines()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ requestId: 'first', msg: 'request refused', reason: expect.any(String) }),
      expect.objectContaining({ requestId: 'second', method: 'POST', path: '/api/jobs', status: 503 }),
      expect.objectContaining({ requestId: 'third', status: 200, runId: run.runId }),
    ]),
  );
});

test('a key stands in the log', async () => {
  const { logger, lines } = aLog();
  const world = await aGateway({ logger, configure: keyed });
  const wrong = 'a-wrong-key-0123456789';
  for (const key of [SHOP_KEY, OPS_KEY, wrong]) {
    await as(world, key)('POST', '/api/jobs', JOB);
    await as(world, key)('POST', '/api/logs', logRecord(1));
    await as(world, key)('GET', '/api/jobs/nonsense');
    await as(world, key)('POST', '/api/jobs', '{broken');
  }
  for (const name of ['authorization', 'x-flywheel-key', 'X-Flywheel-Key']) {
    const headers = { [name]: `Bearer ${SHOP_KEY}` };
    logger.info({ headers, request: { headers }, [name]: SHOP_KEY }, 'carelessly');
  }
  await expect.poll(() => lines().length, IN_TIME).toBeGreaterThanOrEqual(15);
  const said = JSON.stringify(lines());
  for (const key of [SHOP_KEY, OPS_KEY, BANK_KEY, wrong]) expect(said).not.toContain(key);
  expect(said).toContain('[Redacted]');
});

test('an error shows where it happened', async () => {
  const { logger } = aLog();
  const world = await aGateway({ logger });
  world.runs.list = () => Promise.reject(new Error('of a secret place'));
  const answer = await world.call('GET', '/api/jobs');
  expect([answer.status, answer.text]).toEqual([500, 'Internal Server Error']);
});

test('one key takes the requests of another, or who looks after the gateway is refused', async () => {
  const world = await aGateway({
    configure: (config) => {
      keyed(config);
      config.gateway.requestsPerMinute = 3;
    },
  });
  const statuses = async (key: string) => {
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push((await as(world, key)('GET', '/api/jobs')).status);
    return answers;
  };
  expect(await statuses(SHOP_KEY)).toEqual([200, 200, 200, 429, 429]);
  expect(await statuses(BANK_KEY)).toEqual([200, 200, 200, 429, 429]);
  expect(await statuses('wrong')).toEqual([401, 401, 401, 429, 429]);
  const refused = await as(world, SHOP_KEY)('GET', '/api/jobs');
  expect(refused.body).toEqual({ detail: expect.stringMatching(/More than 3 requests in a minute: wait/) });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  for (let n = 0; n < 5; n++) expect((await world.call('GET', '/health')).status).toBe(200);
});

test('a gateway without keys has no limit of requests for each address', async () => {
  const limit = (most: number | null) =>
    aGateway({ configure: ({ gateway }) => void (gateway.requestsPerMinute = most) });
  const { call } = await limit(1);
  expect((await call('GET', '/api/jobs')).status).toBe(200);
  expect((await call('GET', '/api/jobs', undefined, { 'X-Forwarded-For': '9.9.9.9' })).status).toBe(429);
  const unlimited = await limit(null);
  for (let n = 0; n < 5; n++) expect((await unlimited.call('GET', '/api/jobs')).status).toBe(200);
});

test.each(['/api/jobs', '/api/schedules', '/api/datasets/preview'])(
  'a body for %s that is nested deeper than an answer can show is a fault of the gateway',
  async (path) => {
    const { call } = await aGateway();
    const deep = `${'{"a":['.repeat(20_000)}0${']}'.repeat(20_000)}`;
    const answer = await call('POST', path, deep);
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: [{ type: 'json_invalid', loc: ['body'] }] },
    });
  },
);
