import { describe, expect, onTestFinished, test } from 'vitest';
import type { JobDetail } from '../../src/gateway/wire.js';
import { cancelCandidate, GPU_POOL, gpuPoolWorkflowId, runWorkflowId } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import { runRecord } from '../support/stores.js';
import { aGateway, NO_STORE, type GatewayWorld } from './gateway-world.js';
import { aWorker, bundleStandIns, startedJob } from './open-job.js';

bundleStandIns();

const job = async ({ call }: GatewayWorld, id: string) => (await call('GET', `/api/jobs/${id}`)).body;
const progressOf = async (world: GatewayWorld, id: string) =>
  (await job(world, id)).nims[0]?.customizations[0]?.progress;

describe('an open job', () => {
  test('does not show what its customization and evaluation said last', async () => {
    const world = await aGateway();
    await aWorker(world);
    const id = await startedJob(world);
    let shown = await job(world, id);
    const said = async () => {
      shown = await job(world, id);
      const [nim] = shown.nims;
      return [shown.stale_seconds, nim?.customizations[0]?.progress, nim?.evaluations[0]?.progress];
    };
    await expect.poll(said, IN_TIME).toEqual([undefined, 37.5, 37.5]);

    const { nims, status, stage } = shown;
    expect({ status, stage }).toEqual({ status: 'running', stage: 'trying-candidates' });
    expect(nims).toHaveLength(3);
    expect(nims[0].customizations).toMatchObject([
      { status: 'running', epochs_completed: 1, steps_completed: 12, train_loss: 0.75 },
    ]);
    const evaluation = nims[0].evaluations[0];
    expect(evaluation).toMatchObject({
      progress: 37.5,
      nmp_uri: 'http://nemo.test/eval-1',
      finished_at: null,
    });
    expect(evaluation.runtime_seconds).toBeGreaterThan(0);
  });

  test('loses what was known of it when its worker is gone, or hides that this is old', async () => {
    const world = await aGateway();
    const stopWorker = await aWorker(world);
    const id = await startedJob(world);
    await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);
    await stopWorker();
    await expect.poll(async () => (await job(world, id)).stale_seconds, IN_TIME).toBeGreaterThanOrEqual(1);
    expect(await progressOf(world, id)).toBe(37.5);
  });
});

describe('cancelling an open job', () => {
  test('reaches its workflow late, twice, or ends the job before its workflow', async () => {
    const world = await aGateway();
    await aWorker(world);
    const id = await startedJob(world);
    await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);

    const first = await world.call('POST', `/api/jobs/${id}/cancel`);
    const second = await world.call('POST', `/api/jobs/${id}/cancel`);
    const message = 'Job cancellation initiated successfully.';
    expect([first.status, first.text]).toEqual([200, JSON.stringify({ id, message })]);
    expect(second).toMatchObject({ status: 200, body: { id, message: 'Job is already cancelled.' } });
    await expect.poll(async () => (await job(world, id)).stage, IN_TIME).toBe('cancelling');
    expect(await job(world, id)).toMatchObject({ status: 'running', finished_at: null });
  });

  test.each([
    ['the API', (world: GatewayWorld, id: string) => world.call('POST', `/api/jobs/${id}/cancel`)],
    [
      "Temporal's command line",
      (world: GatewayWorld, id: string) => world.temporal.workflow.getHandle(runWorkflowId(id)).cancel(),
    ],
  ])('by %s while no worker answers is not seen', async (_how, cancel) => {
    const world = await aGateway();
    const id = await startedJob(world);
    await cancel(world, id);
    await expect
      .poll(() => job(world, id), IN_TIME)
      .toMatchObject({ status: 'running', stage: 'cancelling', stale_seconds: expect.any(Number) });
  });

  test('by the API, after its worker has gone, is seen only later', async () => {
    const world = await aGateway();
    const stopWorker = await aWorker(world);
    const id = await startedJob(world);
    await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);
    await stopWorker();
    await job(world, id);
    await world.call('POST', `/api/jobs/${id}/cancel`);
    const shown = await job(world, id);
    expect(shown).toMatchObject({ status: 'running', stage: 'cancelling' });
    expect(shown.nims[0].customizations[0].progress).toBe(37.5);
  });

  test('whose workflow was terminated leaves it open for ever', async () => {
    const world = await aGateway();
    const id = await startedJob(world);
    await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate();
    const answer = await world.call('POST', `/api/jobs/${id}/cancel`);
    expect(answer).toMatchObject({
      status: 200,
      body: { message: expect.stringMatching(/ended as terminated/) },
    });
    expect(await world.runs.get(id)).toMatchObject({ status: 'failed', stage: 'finished' });
    expect((await world.call('DELETE', `/api/jobs/${id}`)).status).toBe(200);
  });

  test('whose workflow Temporal no longer has leaves it open for ever', async () => {
    const world = await aGateway();
    const lost = runRecord(Date.now(), { status: 'running', stage: 'trying-candidates' });
    await world.runs.put(lost);
    const warning = async () => (await job(world, lost.runId)).warnings[0];
    await expect
      .poll(warning, IN_TIME)
      .toMatch(/no workflow of this job.*Cancel the job to close its record/);
    expect((await world.runs.get(lost.runId))?.finishedAt).toBeNull();
    const answer = await world.call('POST', `/api/jobs/${lost.runId}/cancel`);
    expect(answer).toMatchObject({
      status: 200,
      body: { message: expect.stringMatching(/nothing to cancel/) },
    });
    expect(await job(world, lost.runId)).toMatchObject({ status: 'failed', error: expect.any(String) });
  });
});

test('a job whose workflow was terminated looks as if it still ran', async () => {
  const world = await aGateway();
  const id = await startedJob(world);
  await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate();
  await expect
    .poll(() => job(world, id), IN_TIME)
    .toMatchObject({ status: 'failed', error: expect.stringMatching(/ended as terminated/) });
  expect((await job(world, id)).finished_at).not.toBeNull();
});

/** Whatever of a job may be open. */
const stepsOf = ({ nims }: JobDetail) =>
  nims.flatMap((nim) => [nim, ...nim.evaluations, ...nim.customizations]);

test.each([
  ['read', 'GET', ''],
  ['cancelled', 'POST', '/cancel'],
])(
  'what a terminated job had begun is forgotten, or runs on for ever, when it is %s',
  async (_what, method, tail) => {
    const world = await aGateway();
    const stopWorker = await aWorker(world);
    const id = await startedJob(world);
    await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);
    await stopWorker();
    await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate();
    await world.call(method, `/api/jobs/${id}${tail}`);
    await expect.poll(async () => (await job(world, id)).finished_at, IN_TIME).not.toBeNull();

    const ended = await job(world, id);
    const [base] = ended.nims[0].evaluations;
    const [customization] = ended.nims[0].customizations;
    expect(base).toMatchObject({
      eval_type: 'base-eval',
      status: 'cancelled',
      finished_at: ended.finished_at,
    });
    expect(customization).toMatchObject({ status: 'cancelled', finished_at: ended.finished_at });
    expect(ended.nims).toHaveLength(3);
    for (const nim of ended.nims)
      expect(nim).toMatchObject({ status: 'failed', deployment_status: 'failed' });
    expect(stepsOf(ended).filter((step) => /pending|running/.test(step.status))).toEqual([]);
    const runtimes = (document: JobDetail) => stepsOf(document).map((step) => step.runtime_seconds);
    expect(runtimes(await job(world, id))).toEqual(runtimes(ended));
    expect(await world.runs.get(id)).toMatchObject({
      candidates: [{ customization: { status: 'cancelled' } }, {}, {}],
    });
  },
);

test('a job whose workflow has recorded its end is shown as failed', async () => {
  const world = await aGateway();
  await aWorker(world);
  const id = await startedJob(world);
  await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);
  const record = (await world.runs.get(id))!;
  await world.runs.put({ ...record, status: 'completed', stage: 'finished', finishedAt: record.startedAt });
  await world.temporal.workflow.getHandle(runWorkflowId(id)).signal(cancelCandidate, 'any');
  await expect.poll(() => job(world, id), IN_TIME).toMatchObject({ status: 'completed', error: null });
});

test.each([
  ['read', 'GET', '', 200],
  ['cancelled', 'POST', '/cancel', 400],
])(
  'the end that a job records after all is overwritten by who finds its workflow closed, when it is %s',
  async (_what, method, tail, answer) => {
    const world = await aGateway();
    const id = await startedJob(world);
    await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate();
    const record = (await world.runs.get(id))!;
    const ended = {
      ...record,
      status: 'completed',
      stage: 'finished',
      finishedAt: record.startedAt,
    } as const;
    const replace = world.runs.replace.bind(world.runs);
    let attempts = 0;
    world.runs.replace = async (run, may) => {
      attempts += 1;
      await world.runs.put(ended);
      return await replace(run, may);
    };
    expect((await world.call(method, `/api/jobs/${id}${tail}`)).status).toBe(answer);
    await expect.poll(() => job(world, id), IN_TIME).toMatchObject({ status: 'completed', error: null });
    expect(attempts).toBe(1);
    expect(await world.runs.get(id)).toEqual(ended);
  },
);

describe('a job that is deleted while it is', () => {
  /** Gives each record once, and deletes it. */
  const vanishing = ({ runs }: GatewayWorld) => {
    const get = runs.get.bind(runs);
    runs.get = async (id) => {
      const run = await get(id);
      await runs.delete(id);
      return run;
    };
  };

  test.each([
    ['read', 'GET', ''],
    ['cancelled', 'POST', '/cancel'],
  ])('%s comes back', async (_what, method, tail) => {
    const world = await aGateway();
    const id = await startedJob(world);
    await world.temporal.workflow.getHandle(runWorkflowId(id)).terminate();
    vanishing(world);
    const status = async () => (await world.call(method, `/api/jobs/${id}${tail}`)).status;
    await expect.poll(status, IN_TIME).toBe(404);
    expect((await world.runs.list()).runs).toEqual([]);
  });

  test('cancelled, and lost by Temporal, comes back', async () => {
    const world = await aGateway();
    const lost = runRecord(Date.now(), { status: 'running', stage: 'trying-candidates' });
    await world.runs.put(lost);
    vanishing(world);
    expect((await world.call('POST', `/api/jobs/${lost.runId}/cancel`)).status).toBe(404);
    expect((await world.runs.list()).runs).toEqual([]);
  });
});

test('an open job that was never read before is hidden by a store that is away', async () => {
  const world = await aGateway();
  await aWorker(world);
  const id = await startedJob(world);
  await expect.poll(() => progressOf(world, id), IN_TIME).toBe(37.5);
  const second = await aGateway({ store: NO_STORE });
  expect(await second.call('GET', `/api/jobs/${id}`)).toMatchObject({
    status: 200,
    body: { id, status: 'running', nims: [{ customizations: [{ progress: 37.5 }] }, {}, {}] },
  });
});

test.each([
  ['whose worker has stopped', async (world: GatewayWorld) => (await aWorker(world))()],
  ['that never had a worker', () => Promise.resolve()],
])('the silence of a GPU pool %s is taken for that of Temporal', async (_what, prepare) => {
  const world = await aGateway();
  await prepare(world);
  const workflowId = gpuPoolWorkflowId(world.taskQueue);
  const { taskQueue, temporal } = world;
  const pool = await temporal.workflow.start(GPU_POOL, { workflowId, taskQueue });
  onTestFinished(async () => void (await pool.terminate()));
  const answer = await world.call('GET', '/api/gpu-pool');
  expect(answer).toMatchObject({
    status: 503,
    body: { detail: expect.stringMatching(/^No worker answers/) },
  });
  expect(answer.headers.get('retry-after')).toBe('5');
});
