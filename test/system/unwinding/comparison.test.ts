import { expect, onTestFinished, test, vi } from 'vitest';
import type { ScheduleDetail } from '../../../src/gateway/schedule-document.js';
import { finished, IN_TIME, platformState } from '../../support/observe.js';
import { ORDERS } from '../../support/order-logs.js';
import { untrained } from '../../support/trial-runs.js';
import { WAYS } from '../../support/troubles.js';
import { aTroubledWorld, expectAllOver } from './cases.js';

vi.setConfig({ testTimeout: 180_000 });

type Turn = ScheduleDetail['turns'][number];

/** A schedule of untrained runs, and how it is triggered: resolves with its turns, newest first, when all have ended. */
async function aSchedule() {
  const world = await aTroubledWorld();
  const { api, config, troubles } = world;
  onTestFinished(() => world.close());
  config.run.candidates = config.run.candidates.slice(0, 1);
  untrained(config.run);
  const asked = {
    ...{ workload_id: ORDERS.workload, client_id: ORDERS.client, every: '52w' },
    data_split_config: { eval_size: 6, min_total_records: 10 },
  };
  const { id } = (await api.call('POST', '/api/schedules', asked)).body as { id: string };
  const turnsOf = async () => ((await api.call('GET', `/api/schedules/${id}`)).body as ScheduleDetail).turns;
  const turn = async (number: number): Promise<Turn[]> => {
    await api.call('POST', `/api/schedules/${id}/trigger`);
    const ended = async () => (await turnsOf()).filter(({ status }) => status !== 'running').length;
    await expect.poll(ended, IN_TIME).toBe(number);
    return await turnsOf();
  };
  return { world, api, troubles, turn };
}

test('a run that cannot be compared with the one before loses what it has measured', async () => {
  const { world, api, troubles, turn } = await aSchedule();
  const [before] = await turn(1);
  troubles.failsForGood('compareWithRun', /./);
  const [after] = await turn(2);
  expect([before?.status, after?.status]).toEqual(['completed', 'completed']);
  const job = await finished(api, after?.job_id ?? '');
  expect(job).toMatchObject({ status: 'completed', error: null, nims: [{ status: 'completed' }] });
  expect(job).not.toHaveProperty('comparison');
  expect(job.warnings).toContain(`Not compared with job ${before?.job_id}: a test forbids compareWithRun`);
  await expectAllOver(world);
});

test.each(['before', 'after'] as const)(
  'a comparison that fails in passing, %s it is made, is lost',
  async (point) => {
    const { world, api, troubles, turn } = await aSchedule();
    const [before] = await turn(1);
    const trouble = troubles.failsOnce('compareWithRun', /./, point);
    const [after] = await turn(2);
    await trouble.struck;
    const job = await finished(api, after?.job_id ?? '');
    expect(job).toMatchObject({ status: 'completed', comparison: { job_id: before?.job_id } });
    expect(job.warnings.join()).not.toMatch(/Not compared/);
    await expectAllOver(world);
  },
);

test.each(WAYS)('a turn of a schedule whose records cannot be counted, %s, is the last', async (way) => {
  const { world, api, troubles, turn } = await aSchedule();
  const trouble = troubles.fails('countNewRecords', /./, way);
  const [first] = await turn(1);
  await trouble.struck;
  trouble.lift();
  expect(first?.status).toBe(way === 'for good' ? 'failed' : 'completed');
  if (way === 'for good') expect((await platformState(world.nemoUrl)).datasets).toEqual([]);
  else await finished(api, first?.job_id ?? '');
  const [second] = await turn(2);
  expect(second?.status).toBe('completed');
  expect(await finished(api, second?.job_id ?? '')).toMatchObject({ status: 'completed', error: null });
  // What is counted, and started, is started once.
  expect((await world.stores.runs.list()).runs).toHaveLength(way === 'for good' ? 1 : 2);
  await expectAllOver(world);
});
