import { describe, expect, test } from 'vitest';
import { temporalScheduleId } from '../../workflows/contract.js';
import { aGateway, JOB, NOWHERE, type GatewayWorld } from './gateway-world.js';

const WEEKLY = { ...JOB, every: '1w' };
const IN_TIME = { timeout: 30_000 };
const path = (id: string, what = '') => `/api/schedules/${id}${what}`;

async function created(world: GatewayWorld, body: object): Promise<string> {
  const answer = await world.call('POST', '/api/schedules', body);
  expect(answer).toMatchObject({ status: 200, body: { message: 'Schedule created' } });
  expect(answer.body.id).toMatch(/^[0-9a-f]{24}$/);
  return answer.body.id;
}

test('a schedule is not what was asked for, or Temporal keeps another', async () => {
  const world = await aGateway();
  const asked = { ...WEEKLY, min_new_records: 500, note: 'weekly', data_split_config: { eval_size: 30 } };
  const id = await created(world, asked);
  const { status, body } = await world.call('GET', path(id));
  expect(status).toBe(200);
  expect(body).toEqual({
    id,
    workload_id: 'checkout',
    client_id: 'shop',
    every: '1w',
    cron: null,
    min_new_records: 500,
    data_split_config: { eval_size: 30 },
    note: 'weekly',
    paused: false,
    next_runs: [expect.any(String), expect.any(String), expect.any(String)],
    created_at: expect.any(String),
    skipped_overlaps: 0,
    turns: [],
  });
  const [first, second] = body.next_runs.map((at: string) => Date.parse(`${at}Z`));
  expect(second - first).toBe(7 * 86_400_000);

  const kept = await world.temporal.schedule.getHandle(temporalScheduleId(id)).describe();
  expect(kept).toMatchObject({
    policies: { overlap: 'SKIP', catchupWindow: 86_400_000 },
    action: { workflowType: 'scheduledRun', taskQueue: world.taskQueue },
  });
  expect(kept.action.args).toMatchObject([
    { workloadId: 'checkout', minNewRecords: 500, config: { split: { evalSize: 30 } } },
  ]);
});

test('a cron schedule is due at other times', async () => {
  const world = await aGateway();
  const { body } = await world.call('GET', path(await created(world, { ...JOB, cron: '30 3 * * 1' })));
  expect(body).toMatchObject({ every: null, cron: '30 3 * * 1' });
  const [due] = body.next_runs.map((at: string) => new Date(`${at}Z`));
  expect([due.getUTCDay(), due.getUTCHours(), due.getUTCMinutes()]).toEqual([1, 3, 30]);
});

test('a paused schedule is due, or cannot be paused twice and go on', async () => {
  const world = await aGateway();
  const id = await created(world, WEEKLY);
  for (let times = 0; times < 2; times++)
    expect((await world.call('POST', path(id, '/pause'))).status).toBe(200);
  expect((await world.call('GET', path(id))).body).toMatchObject({ paused: true, next_runs: [] });
  expect((await world.call('POST', path(id, '/unpause'))).status).toBe(200);
  const { body } = await world.call('GET', path(id));
  expect([body.paused, body.next_runs.length]).toEqual([false, 3]);
});

test('the list lacks a schedule, shows those of another installation, or ignores its filter', async () => {
  const world = await aGateway();
  const other = await aGateway();
  const ids = [await created(world, WEEKLY), await created(world, { ...WEEKLY, workload_id: 'browse' })];
  await created(other, WEEKLY);
  const listed = async (query = '') => {
    const { body } = await world.call('GET', `/api/schedules${query}`);
    return body.schedules.map(({ id }: { id: string }) => id);
  };
  await expect.poll(() => listed(), IN_TIME).toEqual([...ids].sort());
  expect(await listed('?workload_id=browse')).toEqual([ids[1]]);
  expect(await listed('?client_id=nobody')).toEqual([]);
  await world.call('DELETE', path(ids[0]!));
  await expect.poll(() => listed(), IN_TIME).toEqual([ids[1]]);
});

describe('an Idempotency-Key', () => {
  test('creates a second schedule, or takes another request', async () => {
    const world = await aGateway();
    const key = { 'Idempotency-Key': 'weekly' };
    const post = (body: object) => world.call('POST', '/api/schedules', body, key);
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(WEEKLY)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(await post({ ...WEEKLY, every: '2w' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringMatching(/used for another request/) },
    });
  });
});

describe('a schedule that cannot be meant', () => {
  const period = /such as 30m, 12h, 7d or 1w/;
  test.each<[string, object, (string | number)[], RegExp]>([
    ['neither times', {}, ['body', 'every'], /^Field required: every, or cron$/],
    ['both times', { every: '1d', cron: '0 3 * * *' }, ['body', 'cron'], /cannot both be set/],
    ['a period of seconds', { every: '30s' }, ['body', 'every'], period],
    ['a period of nothing', { every: '0d' }, ['body', 'every'], period],
    ['a period of two years', { every: '104w' }, ['body', 'every'], period],
    ['a number for a period', { every: 7 }, ['body', 'every'], period],
    ['a cron expression of words', { cron: 'every monday' }, ['body', 'cron'], /cron expression such as/],
    ['a cron expression of the 13th month', { cron: '0 3 1 13 *' }, ['body', 'cron'], /cron expression such/],
    ['a cron expression of seconds', { cron: '* * * * * *' }, ['body', 'cron'], /cron expression such as/],
    ['a cron expression of a period', { cron: '@every 1s' }, ['body', 'cron'], /cron expression such as/],
    ['an empty cron expression', { cron: ' ' }, ['body', 'cron'], /cron expression such as/],
    [
      'a minimum of no records',
      { every: '1d', min_new_records: 0 },
      ['body', 'min_new_records'],
      /equal to 1/,
    ],
    [
      'a split of nothing',
      { every: '1d', data_split_config: { eval_size: 0 } },
      ['body', 'data_split_config', 'eval_size'],
      /equal to 1/,
    ],
  ])('with %s is created, or refused in other words', async (_what, times, loc, msg) => {
    const answer = await (await aGateway()).call('POST', '/api/schedules', { ...JOB, ...times });
    expect(answer).toMatchObject({
      status: 422,
      body: { detail: [{ type: expect.any(String), loc, msg: expect.stringMatching(msg) }] },
    });
  });
});

test('of several mistakes only the first is told', async () => {
  const wrong = { client_id: 5, every: 'often', min_new_records: 'x' };
  const { body } = await (await aGateway()).call('POST', '/api/schedules', wrong);
  const told = body.detail.map(({ loc }: { loc: string[] }) => loc[1]);
  expect(told).toEqual(['workload_id', 'client_id', 'every', 'min_new_records']);
});

test.each([
  ['GET', ''],
  ['DELETE', ''],
  ['POST', '/pause'],
  ['POST', '/unpause'],
  ['POST', '/trigger'],
])('%s of a schedule%s that is not there, or of another installation, is no 404', async (method, tail) => {
  const world = await aGateway();
  const strangers = await created(await aGateway(), WEEKLY);
  for (const id of ['a'.repeat(24), strangers])
    expect(await world.call(method, path(id, tail))).toMatchObject({
      status: 404,
      body: { detail: `Schedule with ID ${id} not found` },
    });
  expect(await world.call(method, path('nonsense', tail))).toMatchObject({ status: 400 });
});

test('without Temporal a schedule is created, or the answer does not say what is missing', async () => {
  const { call } = await aGateway({ temporalAddress: NOWHERE });
  const answer = await call('POST', '/api/schedules', WEEKLY);
  expect(answer).toMatchObject({ status: 503, body: { detail: expect.stringMatching(/^Temporal at/) } });
  expect(answer.headers.get('retry-after')).toBe('5');
});
