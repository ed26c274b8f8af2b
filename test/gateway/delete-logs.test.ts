import { expect, test } from 'vitest';
import { exported, logRecord, runRecord, SOME_MS } from '../support/stores.js';
import { aGateway } from './gateway-world.js';
import { as, keyed, SHOP_KEY } from './keyed.js';

const CHECKOUT = 'client_id=shop&workload_id=checkout';

async function filledGateway() {
  const world = await aGateway();
  await world.logs.append([0, 1, 2, 3].map((n) => logRecord(n)));
  const remove = (query: string) => world.call('DELETE', `/api/logs?${query}`);
  return { ...world, remove };
}

test('a deletion that is not confirmed deletes, or one that is does not', async () => {
  const { remove, logs } = await filledGateway();
  const before = new Date(SOME_MS + 2000).toISOString();
  const expected = { client_id: 'shop', workload_id: 'checkout', before: before.slice(0, 19), matched: 2 };
  for (const asked of ['', '&confirm=false']) {
    const { status, body } = await remove(`${CHECKOUT}&before=${before}${asked}`);
    expect([status, body]).toEqual([200, { ...expected, deleted: 0, dry_run: true }]);
  }
  expect(await exported(logs)).toHaveLength(4);
  const confirmed = await remove(`${CHECKOUT}&before=${before}&confirm=true`);
  expect(confirmed.body).toEqual({ ...expected, deleted: 2, dry_run: false });
  expect((await exported(logs)).map(({ record }) => record)).toEqual([logRecord(2), logRecord(3)]);
  const all = await remove(`${CHECKOUT}&confirm=true`);
  expect(all.body).toMatchObject({ before: null, matched: 2, deleted: 2 });
  expect(await exported(logs)).toEqual([]);
});

test.each([
  ['epoch seconds', `${SOME_MS / 1000 + 1}`],
  ['epoch milliseconds', `${SOME_MS + 1000}`],
  ['another zone', encodeURIComponent('2023-11-15T00:13:21+02:00')],
])('a time in %s is read as another', async (_what, before) => {
  const { remove } = await filledGateway();
  expect((await remove(`${CHECKOUT}&before=${before}`)).body).toMatchObject({
    matched: 1,
    before: '2023-11-14T22:13:21',
  });
});

test.each<[string, string, string[][]]>([
  [
    'nothing',
    '',
    [
      ['query', 'client_id'],
      ['query', 'workload_id'],
    ],
  ],
  ['no workload', 'client_id=shop', [['query', 'workload_id']]],
  [
    'no client, and a time that is none',
    'workload_id=w&before=soon',
    [
      ['query', 'client_id'],
      ['query', 'before'],
    ],
  ],
  ['two clients', `${CHECKOUT}&client_id=bank`, [['query', 'client_id']]],
  ['a confirmation that is none', `${CHECKOUT}&confirm=perhaps`, [['query', 'confirm']]],
  ['a misspelt time', `${CHECKOUT}&befor=2026-01-01&confirm=true`, [['query', 'befor']]],
  ['times as a list', `${CHECKOUT}&before[]=2026-01-01&confirm=true`, [['query', 'before[]']]],
])('a deletion that names %s is done', async (_what, query, locs) => {
  const { remove, logs } = await filledGateway();
  const { status, body } = await remove(query);
  expect([status, body.detail.map(({ loc }: { loc: string[] }) => loc)]).toEqual([422, locs]);
  expect(await exported(logs)).toHaveLength(4);
});

test.each(['pending', 'running'] as const)('records go away under a %s job', async (status) => {
  const { remove, logs, runs } = await filledGateway();
  const run = runRecord(1, { status });
  await runs.put(run);
  const answer = await remove(`${CHECKOUT}&confirm=true`);
  expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining(run.runId) } });
  expect(await exported(logs)).toHaveLength(4);
  expect((await remove(CHECKOUT)).body).toMatchObject({ matched: 4, deleted: 0 });
  await runs.put({ ...run, workloadId: 'another' });
  expect((await remove(`${CHECKOUT}&confirm=true`)).status).toBe(200);
});

test('the records of another client can be deleted, or counted', async () => {
  const world = await aGateway({ configure: keyed });
  await world.logs.append([logRecord(1, { client_id: 'bank' })]);
  for (const confirm of ['', '&confirm=true']) {
    const query = `client_id=bank&workload_id=checkout${confirm}`;
    expect(await as(world, SHOP_KEY)('DELETE', `/api/logs?${query}`)).toMatchObject({
      status: 404,
      body: { detail: 'Client bank not found' },
    });
  }
  expect(await exported(world.logs, { clientId: 'bank' })).toHaveLength(1);
});
