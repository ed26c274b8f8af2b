import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleDetail, ScheduleTurn } from '../../src/gateway/schedule-document.js';
import { runWorkflowId, temporalScheduleId } from '../../workflows/contract.js';
import { Gate } from '../support/gate.js';
import { finished, IN_TIME } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { untrained } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

const gate = new Gate();
let world: World;
beforeAll(async () => {
  world = await startWorld({
    gate,
    configure: (run) => {
      run.candidates = run.candidates.slice(0, 1);
      untrained(run);
    },
  });
});
afterAll(() => world.close());

/** A schedule of a workload of its own, with 90 records; it is never due by itself while a test runs. */
async function aSchedule(workload: string, more: object = {}): Promise<string> {
  await world.api.importRecords(orderLogs(30, workload));
  const { status, body } = await world.api.call('POST', '/api/schedules', {
    workload_id: workload,
    client_id: ORDERS.client,
    data_split_config: { eval_size: 15 },
    every: '52w',
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return (body as { id: string }).id;
}

const schedule = async (id: string) =>
  (await world.api.call('GET', `/api/schedules/${id}`)).body as ScheduleDetail;

/** Triggers it and resolves with its newest turn once that has come so far. */
async function turn(id: string, until: (turn: ScheduleTurn) => boolean): Promise<ScheduleTurn> {
  const before = (await schedule(id)).turns.length;
  const { status, body } = await world.api.call('POST', `/api/schedules/${id}/trigger`);
  expect(status, JSON.stringify(body)).toBe(200);
  const newest = async () => {
    const { turns } = await schedule(id);
    return turns.length > before && turns[0] && until(turns[0]) ? turns[0] : null;
  };
  return await vi.waitUntil(newest, IN_TIME);
}

const isOver = ({ status }: ScheduleTurn) => status !== null && status !== 'running';
const hasJob = ({ job_id }: ScheduleTurn) => job_id !== null;

test('a schedule runs without enough new records, hides why it does not, or compares a run with none', async () => {
  const id = await aSchedule('repeated', { min_new_records: 30 });
  const first = await turn(id, isOver);
  expect(first).toMatchObject({ status: 'completed', new_records: 90, skipped: null });
  const before = await finished(world.api, first.job_id!);
  expect(before).toMatchObject({ status: 'completed', workload_id: 'repeated' });
  expect(before).not.toHaveProperty('comparison');
  const { startedAt, readingBeganAt = '' } = (await world.stores.runs.get(first.job_id!))!;
  expect(readingBeganAt > startedAt).toBe(true);

  expect(await turn(id, isOver)).toMatchObject({
    status: 'completed',
    new_records: 0,
    job_id: null,
    skipped: `Skipped: 0 new records (since job ${first.job_id}), fewer than the 30 asked for.`,
  });

  await world.api.importRecords(orderLogs(40, 'repeated'));
  const second = await turn(id, isOver);
  expect(second).toMatchObject({ status: 'completed', new_records: 30, skipped: null });
  const now = await finished(world.api, second.job_id!);
  expect(now.comparison).toMatchObject({ job_id: first.job_id, started_at: before.started_at });
  const [compared] = now.comparison!.nims;
  expect(compared!.model_name).toBe(now.nims[0]!.model_name);
  const evaluations = now.nims[0]!.evaluations.map(({ eval_type }) => eval_type);
  expect(compared!.evaluations.map(({ eval_type }) => eval_type).sort()).toEqual(evaluations.sort());
  for (const { eval_type, scores } of compared!.evaluations)
    for (const [key, score] of Object.entries(scores)) {
      const [earlier, later] = [before, now].map((job) =>
        job.nims[0]!.evaluations.find((evaluation) => evaluation.eval_type === eval_type)!,
      );
      expect(score).toMatchObject({ before: earlier!.scores[key], before_count: earlier!.counts[key] });
      expect(score).toMatchObject({ now: later!.scores[key], count: later!.counts[key] });
      expect(score.difference.value).toBeCloseTo(score.now - score.before, 12);
      const [low, high] = score.difference.interval!;
      expect(low).toBeLessThanOrEqual(score.difference.value);
      expect(high).toBeGreaterThanOrEqual(score.difference.value);
    }
});

test('a schedule starts a second run beside one that runs, or cannot be used after that was cancelled', async () => {
  const id = await aSchedule('overlapping');
  const evaluation = gate.hold(/^GET \/v1\/evaluation\/jobs\/./);
  const running = await turn(id, hasJob);
  await evaluation.reached;
  const refused = await world.api.call('POST', `/api/schedules/${id}/trigger`);
  expect(refused).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/still running, and no second one/) as string },
  });
  // As when it is due by the clock.
  const handle = world.client.schedule.getHandle(temporalScheduleId(id));
  await handle.trigger(ScheduleOverlapPolicy.SKIP);
  await expect.poll(async () => (await schedule(id)).skipped_overlaps, IN_TIME).toBe(1);
  expect((await schedule(id)).turns).toHaveLength(1);

  await world.api.call('POST', `/api/jobs/${running.job_id}/cancel`);
  evaluation.open();
  expect(await finished(world.api, running.job_id!)).toMatchObject({ status: 'cancelled' });
  await expect.poll(async () => (await schedule(id)).turns[0]?.status, IN_TIME).toBe('completed');
  // What was cancelled has measured nothing: all records are new.
  const next = await turn(id, isOver);
  expect(next.new_records).toBe(90);
  expect(await finished(world.api, next.job_id!)).toMatchObject({ status: 'completed' });
});

test('a deleted schedule takes its run with it, or goes on', async () => {
  const id = await aSchedule('deleted');
  const evaluation = gate.hold(/^GET \/v1\/evaluation\/jobs\/./);
  const { job_id } = await turn(id, hasJob);
  await evaluation.reached;
  expect((await world.api.call('DELETE', `/api/schedules/${id}`)).status).toBe(200);
  expect((await world.api.call('GET', `/api/schedules/${id}`)).status).toBe(404);
  evaluation.open();
  expect(await finished(world.api, job_id!)).toMatchObject({ status: 'completed' });
});

test('a run whose schedule workflow is cancelled goes on, or one whose schedule workflow is terminated does not', async () => {
  const id = await aSchedule('stopped');
  const evaluation = gate.hold(/^GET \/v1\/evaluation\/jobs\/./);
  const first = await turn(id, hasJob);
  await evaluation.reached;
  const handle = world.client.schedule.getHandle(temporalScheduleId(id));
  const current = async () => {
    const { info } = await handle.describe();
    const { workflow } = info.recentActions.at(-1)!.action;
    return world.client.workflow.getHandle(workflow.workflowId);
  };
  await (await current()).cancel();
  const isTold = async () =>
    (await world.client.workflow.getHandle(runWorkflowId(first.job_id!)).describe()).raw.workflowExtendedInfo
      ?.cancelRequested;
  await expect.poll(isTold, IN_TIME).toBe(true);
  evaluation.open();
  expect(await finished(world.api, first.job_id!)).toMatchObject({ status: 'cancelled' });
  await expect.poll(async () => (await schedule(id)).turns[0]?.status, IN_TIME).toBe('cancelled');

  const again = gate.hold(/^GET \/v1\/evaluation\/jobs\/./);
  const second = await turn(id, hasJob);
  await again.reached;
  await (await current()).terminate();
  again.open();
  expect(await finished(world.api, second.job_id!)).toMatchObject({ status: 'completed' });
  const run = world.client.workflow.getHandle(runWorkflowId(second.job_id!));
  await expect.poll(async () => (await run.describe()).status.name, IN_TIME).toBe('COMPLETED');
});
