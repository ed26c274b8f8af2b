import { expect, test, vi } from 'vitest';
import type { ScheduleDetail } from '../../../src/gateway/schedule-document.js';
import { finished, IN_TIME, platformState } from '../../support/observe.js';
import { ORDERS } from '../../support/order-logs.js';
import { untrained } from '../../support/trial-runs.js';
import { WAYS } from '../../support/troubles.js';
import { aWorldOfItsOwn, expectAllOver } from './cases.js';

vi.setConfig({ testTimeout: 180_000 });

type Turn = ScheduleDetail['turns'][number];

/** A schedule of untrained runs, and how it is triggered; `ended` and `turn` resolve with its turns, newest first. */
async function aSchedule() {
  const world = await aWorldOfItsOwn();
  const { api, config, troubles } = world;
  config.run.candidates = config.run.candidates.slice(0, 1);
  untrained(config.run);
  const asked = {
    ...{ workload_id: ORDERS.workload, client_id: ORDERS.client, every: '52w' },
    data_split_config: { eval_size: 6, min_total_records: 10 },
  };
  const { id } = (await api.call('POST', '/api/schedules', asked)).body as { id: string };
  const turnsOf = async () => ((await api.call('GET', `/api/schedules/${id}`)).body as ScheduleDetail).turns;
  const trigger = () => api.call('POST', `/api/schedules/${id}/trigger`);
  const ended = async (number: number): Promise<Turn[]> => {
    const count = async () => (await turnsOf()).filter(({ status }) => status !== 'running').length;
    await expect.poll(count, IN_TIME).toBe(number);
    return await turnsOf();
  };
  const turn = async (number: number): Promise<Turn[]> => {
    await trigger();
    return await ended(number);
  };
  return { world, api, troubles, trigger, ended, turn };
}

test.each(WAYS)(
  'a run that cannot be compared with the one before, %s, loses what it has measured',
  async (way) => {
    const { world, api, troubles, turn } = await aSchedule();
    const [before] = await turn(1);
    const trouble = troubles.fails('compareWithRun', /./, way);
    const [after] = await turn(2);
    await trouble.struck;
    expect([before?.status, after?.status]).toEqual(['completed', 'completed']);
    const job = await finished(api, after?.job_id ?? '');
    expect(job).toMatchObject({ status: 'completed', error: null, nims: [{ status: 'completed' }] });
    expect(job.comparison?.job_id).toBe(way === 'for good' ? undefined : before?.job_id);
    const failed = `Not compared with job ${before?.job_id}: a test forbids compareWithRun`;
    expect(job.warnings.filter((warning) => warning.startsWith('Not compared'))).toEqual(
      way === 'for good' ? [failed] : [],
    );
    await expectAllOver(world);
  },
);

/** What ends a workflow, and when: before or after an activity has acted. */
const ENDS = (['cancel', 'terminate'] as const).flatMap((end) =>
  (['before', 'after'] as const).map((point) => [end, point] as const),
);

test('a run that ends while it is compared with the one before, completes, or its schedule ends with it', async () => {
  const { world, api, troubles, trigger, ended, turn } = await aSchedule();
  await turn(1);
  for (const [i, [end, point]] of ENDS.entries()) {
    const stage = troubles.holds('compareWithRun', /./, point);
    await trigger();
    const workflowId = await stage.struck;
    const id = workflowId.replace('flywheel-', '');
    if (end === 'cancel') await api.call('POST', `/api/jobs/${id}/cancel`);
    else await world.client.workflow.getHandle(workflowId).terminate('a test ends it');
    stage.lift();
    const [last] = await ended(2 + i);
    expect(last).toMatchObject({ status: 'completed', job_id: id });
    expect((await finished(api, id)).status).toBe(end === 'cancel' ? 'cancelled' : 'failed');
  }
  await expectAllOver(world);
});

test('a turn of a schedule that ends while it counts records names a job, or is the last', async () => {
  const { world, api, troubles, trigger, ended, turn } = await aSchedule();
  for (const [i, [end, point]] of ENDS.entries()) {
    const stage = troubles.holds('countNewRecords', /./, point);
    await trigger();
    await world.client.workflow.getHandle(await stage.struck)[end]();
    stage.lift();
    const [last] = await ended(1 + i);
    expect(last).toMatchObject({ status: end === 'cancel' ? 'cancelled' : 'terminated', job_id: null });
  }
  const [last] = await turn(1 + ENDS.length);
  expect(await finished(api, last?.job_id ?? '')).toMatchObject({ status: 'completed', error: null });
  expect((await world.stores.runs.list()).runs).toHaveLength(1);
  await expectAllOver(world);
});

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
