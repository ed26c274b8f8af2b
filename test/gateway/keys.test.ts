import { describe, expect, test } from 'vitest';
import { ROUTES as DESCRIBED } from '../../src/gateway/routes.js';
import { exported, logRecord, runRecord } from '../support/stores.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { aGateway, JOB, NO_STORE, NOWHERE, type WorldOptions } from './gateway-world.js';
import { as, BANK_KEY, keyed, OPS_KEY, SHOP_KEY } from './keyed.js';

const UNKNOWN = 'f'.repeat(24);
const AT = '2026-01-05T10:00:00.000Z';
const OVER = { status: 'completed', stage: 'finished', finishedAt: AT } as const;
const keyedGateway = (options: WorldOptions = {}) => aGateway({ configure: keyed, ...options });

const OPEN = ['/health', '/ready', '/openapi.json', '/docs', '/redoc'];

/** Of a route, with what would be done if no key were needed. */
const bodyOf = (method: string, path: string) =>
  method === 'post' ? (path === '/api/logs' ? logRecord(1) : JOB) : undefined;

/** One request to each route, and to what may be taken for one. */
const ROUTES: [string, string, unknown?][] = [
  ...Object.entries(DESCRIBED)
    .filter(([path]) => !OPEN.includes(path))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method): [string, string, unknown?] => [
        method.toUpperCase(),
        path.replace('{id}', UNKNOWN),
        bodyOf(method, path),
      ]),
    ),
  ['DELETE', '/api/logs?client_id=shop&workload_id=checkout&confirm=true'],
  ['GET', '/no-such-path'],
  ['GET', '/api/jobs/'],
  ['GET', '/API/jobs'],
  ['GET', '//api/jobs'],
  ['GET', '/%61pi/jobs'],
  ['GET', '/health/../api/jobs'],
  ['GET', '/docsx'],
  ['GET', '/docs/x'],
];

describe('without a good key', () => {
  test.each<[string, Record<string, string>, string]>([
    ['no key', {}, 'Bearer realm="flywheel"'],
    ['an empty one', { authorization: '' }, 'Bearer realm="flywheel", error="invalid_token"'],
    [
      'one of another scheme',
      { authorization: `Basic ${SHOP_KEY}` },
      'Bearer realm="flywheel", error="invalid_token"',
    ],
    ['a wrong one', { authorization: 'Bearer wrong' }, 'Bearer realm="flywheel", error="invalid_token"'],
    [
      'half of one',
      { authorization: `Bearer ${SHOP_KEY.slice(0, -1)}` },
      'Bearer realm="flywheel", error="invalid_token"',
    ],
    ['its digest', { authorization: 'Bearer SHOP_KEY' }, 'Bearer realm="flywheel", error="invalid_token"'],
  ])('(%s) a route answers, or does not say what is missing', async (_what, headers, challenge) => {
    const { call, logs, runs } = await keyedGateway();
    for (const [method, path, body] of ROUTES) {
      const answer = await call(method, path, body, headers);
      expect([method, path, answer.status]).toEqual([method, path, 401]);
      expect(answer.headers.get('www-authenticate')).toBe(challenge);
      expect(answer.body).toEqual({ detail: expect.stringMatching(/Authorization: Bearer <key>/) });
    }
    expect([await logs.workloads(), (await runs.list()).runs]).toEqual([[], []]);
  });

  test.each(['/health', '/ready'])('%s is not asked by who watches the gateway', async (path) => {
    const { call } = await keyedGateway();
    expect((await call('GET', path)).status).not.toBe(401);
  });

  test('what the gateway misses is told with its address, or not at all', async () => {
    const world = await keyedGateway({
      store: NO_STORE,
      temporalAddress: NOWHERE,
      platform: [() => Promise.reject(new Error('http://nemo.internal is away'))],
    });
    const { status, body } = await world.call('GET', '/ready');
    expect([status, body.detail]).toEqual([
      503,
      'No answer of Temporal, the store, NeMo: asked with a key, /ready says where and why.',
    ]);
    const told = (await as(world, SHOP_KEY)('GET', '/ready')).body.detail;
    for (const place of [NOWHERE, 'nemo.internal']) expect(told).toContain(place);
  });

  test('an installation without keys asks for one', async () => {
    const { call } = await aGateway();
    expect((await call('GET', '/api/jobs')).status).toBe(200);
  });
});

describe('what is of another client', () => {
  test.each<[string, string]>([
    ['GET', ''],
    ['HEAD', ''],
    ['DELETE', ''],
    ['POST', '/cancel'],
    ['GET', '/events'],
    ['HEAD', '/events'],
    ['GET', '/report'],
    ['HEAD', '/report'],
  ])('a job is told from one that is not there (%s …%s)', async (method, tail) => {
    const world = await keyedGateway();
    const foreign = runRecord(1, { clientId: 'bank', ...OVER });
    await world.runs.put(foreign);
    const ask = async (id: string) => {
      const { status, text, headers } = await as(world, SHOP_KEY)(method, `/api/jobs/${id}${tail}`);
      const said = text.replaceAll(id, 'ID');
      // A tag is a digest of what was said, of the id too.
      const etag = said === text ? headers.get('etag') : null;
      return { status, said, length: headers.get('content-length'), etag };
    };
    const answer = await ask(foreign.runId);
    expect(answer.status).toBe(404);
    expect(answer).toEqual(await ask(UNKNOWN));
    expect(await world.runs.get(foreign.runId)).toEqual(foreign);
    expect((await as(world, BANK_KEY)('GET', `/api/jobs/${foreign.runId}`)).status).toBe(200);
    expect((await as(world, OPS_KEY)('GET', `/api/jobs/${foreign.runId}`)).status).toBe(200);
  });

  test('a job that is open costs Temporal a question', async () => {
    const asked: string[] = [];
    const world = await keyedGateway({
      interceptors: {
        workflow: [
          {
            describe: (input, next) => {
              asked.push(input.workflowExecution.workflowId);
              return next(input);
            },
          },
        ],
      },
    });
    const foreign = runRecord(1, { clientId: 'bank', status: 'running', stage: 'trying-candidates' });
    await world.runs.put(foreign);
    expect((await as(world, SHOP_KEY)('GET', `/api/jobs/${foreign.runId}`)).status).toBe(404);
    expect(asked).toEqual([]);
    expect((await as(world, BANK_KEY)('GET', `/api/jobs/${foreign.runId}`)).status).toBe(200);
    expect(asked).toEqual([runWorkflowId(foreign.runId)]);
  });

  test('is listed, or counted into the pages', async () => {
    const world = await keyedGateway();
    for (let n = 1; n <= 6; n++)
      await world.runs.put(runRecord(n, { clientId: ['shop', 'bank', 'café'][n % 3]! }));
    const listed = async (key: string, query = '') => {
      const { body } = await as(world, key)('GET', `/api/jobs${query}`);
      return body.jobs.map(({ client_id }: { client_id: string }) => client_id);
    };
    expect(await listed(SHOP_KEY)).toEqual(['shop', 'shop']);
    expect(await listed(BANK_KEY)).toEqual(['bank', 'café', 'bank', 'café']);
    expect(await listed(OPS_KEY)).toHaveLength(6);
    expect(await listed(SHOP_KEY, '?client_id=bank')).toEqual([]);
    const { body: page } = await as(world, SHOP_KEY)('GET', '/api/jobs?limit=1');
    const { body: rest } = await as(world, SHOP_KEY)('GET', `/api/jobs?limit=1&cursor=${page.next_cursor}`);
    expect([...page.jobs, ...rest.jobs].map(({ client_id }) => client_id)).toEqual(['shop', 'shop']);
    expect(rest.next_cursor).toBeNull();
  });

  test('is started, repeated or previewed', async () => {
    const world = await keyedGateway();
    const job = { ...JOB, client_id: 'bank' };
    for (const [path, body] of [
      ['/api/jobs', job],
      ['/api/schedules', { ...job, every: '1w' }],
      ['/api/datasets/preview', job],
    ] as const)
      expect(await as(world, SHOP_KEY)('POST', path, body)).toMatchObject({
        status: 404,
        body: { detail: 'Client bank not found' },
      });
    expect((await world.runs.list()).runs).toEqual([]);
    expect((await as(world, BANK_KEY)('POST', '/api/jobs', job)).status).toBe(200);
  });

  test('a schedule is told from one that is not there, or is listed', async () => {
    const world = await keyedGateway();
    const weekly = { ...JOB, client_id: 'bank', every: '1w' };
    const { id } = (await as(world, BANK_KEY)('POST', '/api/schedules', weekly)).body;
    for (const [method, tail] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/pause'],
      ['POST', '/unpause'],
      ['POST', '/trigger'],
    ] as const) {
      const ask = async (asked: string) => {
        const { status, text } = await as(world, SHOP_KEY)(method, `/api/schedules/${asked}${tail}`);
        return { status, text: text.replaceAll(asked, 'ID') };
      };
      expect(await ask(id)).toEqual({ status: 404, text: '{"detail":"Schedule with ID ID not found"}' });
      expect(await ask(id)).toEqual(await ask(UNKNOWN));
    }
    const listed = async (key: string) =>
      (await as(world, key)('GET', '/api/schedules')).body.schedules.length;
    await expect.poll(() => listed(BANK_KEY), { timeout: 30_000 }).toBe(1);
    expect(await listed(SHOP_KEY)).toBe(0);
    expect((await as(world, BANK_KEY)('DELETE', `/api/schedules/${id}`)).status).toBe(200);
  });

  test('is logged, or costs the own records beside it', async () => {
    const world = await keyedGateway();
    const records = [logRecord(1, { client_id: 'bank' }), logRecord(2), 7, { client_id: 'shop' }];
    const answer = await as(world, SHOP_KEY)('POST', '/api/logs', records);
    expect(answer).toMatchObject({ status: 200, body: { appended: 1, duplicates: 0 } });
    expect(answer.body.errors).toEqual([
      { index: 0, reason: 'this key is not good for its `client_id`', code: 'client_not_of_key' },
      { index: 2, reason: 'not a JSON object' },
      { index: 3, reason: expect.stringMatching(/workload_id/) },
    ]);
    expect(await exported(world.logs)).toHaveLength(1);
    expect(await exported(world.logs, { clientId: 'bank' })).toEqual([]);
  });

  test('is named to who asks for a workload that is not there', async () => {
    const world = await keyedGateway();
    await world.logs.append([logRecord(1, { client_id: 'bank', workload_id: 'secret' })]);
    const { status, text } = await as(world, SHOP_KEY)('POST', '/api/datasets/preview', JOB);
    expect([status, text]).toEqual([404, expect.not.stringMatching(/bank|secret/)]);
    const { text: told } = await as(world, OPS_KEY)('POST', '/api/datasets/preview', JOB);
    expect(told).toMatch(/bank \/ secret/);
  });
});
