import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { scheduleSweep, unscheduleSweep } from '../../activities/index.js';
import { datasetNames, runProject } from '../../src/ids.js';
import { installationOf } from '../../src/installation.js';
import { createNemo } from '../../src/nemo/index.js';
import { newRunRecord } from '../../src/run-record.js';
import {
  candidateWorkflowId,
  deleteWorkflowId,
  gpuPoolWorkflowId,
  runWorkflowId,
  sweepScheduleId,
  type Swept,
} from '../../workflows/contract.js';
import { stateOf } from '../gpu-leases/holders.js';
import { aCandidate, aRunId, aTrainingUse, TRAINING } from '../support/activity-world.js';
import { Gate } from '../support/gate.js';
import { post } from '../support/local-platform.js';
import { finished, IN_TIME, platformOf, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { deployUnasked, sweepInput, sweepNow } from '../support/sweep.js';
import { ENDLESS, SMALL, startTrial, TINY, untrained } from '../support/trial-runs.js';
import { startWorld, type World } from '../support/world.js';

// What nobody knows of any more ends all the same; what is in use, or another's, stays.

vi.setConfig({ testTimeout: 180_000 });

const gate = new Gate();
let world: World;
beforeAll(async () => {
  world = await startWorld({ gate, gpuPool: { idleTtlMs: 600_000 } });
  await world.api.importRecords(orderLogs(30));
});
afterAll(() => world.close());

const nemo = () => createNemo({ ...world.config.services.nemo, ...world.config.secrets });
const pool = () => gpuPoolWorkflowId(world.taskQueue);

const deployed = async () => (await platformState(world.nemoUrl)).deployments.map(({ name }) => name).sort();

const aDataset = (name: string, runId: string) =>
  post(`${world.nemoUrl}/v1/datasets`, {
    name,
    namespace: world.config.run.namespace,
    files_url: `hf://datasets/${world.config.run.namespace}/${name}`,
    project: runProject(runId),
  });
const datasets = async () => (await platformState(world.nemoUrl)).datasets.map(({ name }) => name);

async function deletedRun(): Promise<string> {
  const id = await startTrial(world, { models: [TINY], configure: untrained });
  await finished(world.api, id);
  await world.api.call('DELETE', `/api/jobs/${id}`);
  await world.client.workflow.getHandle(deleteWorkflowId(id)).result();
  return id;
}

test('a schedule that is triggered by hand does not sweep, or a second worker adds another or ends a pause', async () => {
  const { client, taskQueue } = world;
  await client.workflow.getHandle(pool()).terminate('a test ends it');
  await scheduleSweep(client, taskQueue, 3_600_000, sweepInput(world));
  const schedule = client.schedule.getHandle(sweepScheduleId(taskQueue));
  await schedule.pause('by an operator');
  await scheduleSweep(client, taskQueue, 7_200_000, sweepInput(world));
  expect(await schedule.describe()).toMatchObject({
    state: { paused: true, note: 'by an operator' },
    spec: { intervals: [{ every: 7_200_000 }] },
    policies: { overlap: 'SKIP' },
  });

  const { address, binary } = inject('temporal');
  const trigger = ['schedule', 'trigger', '--schedule-id', sweepScheduleId(taskQueue), '--address', address];
  await promisify(execFile)(binary, trigger);
  const started = async () => (await schedule.describe()).info.recentActions[0]?.action.workflow.workflowId;
  await expect.poll(started, IN_TIME).toMatch(sweepScheduleId(taskQueue));
  const swept = (await client.workflow.getHandle((await started())!).result()) as Swept;
  expect(swept).toMatchObject({ problems: [] });
  // There was no pool.
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  await unscheduleSweep(client, taskQueue);
  await unscheduleSweep(client, taskQueue);
  await expect(schedule.describe()).rejects.toThrow(/not found/i);
});

test('a deployment without a lease stays, or one that is served or another’s is taken away', async () => {
  const serving = await startTrial(world, { models: [SMALL], configure: untrained });
  await finished(world.api, serving);
  const orphan = 'stand-in/orphan-1b';
  const others = ['stand-in/foreign-1b', 'stand-in/elsewhere-1b'];
  await deployUnasked(world, orphan);
  await deployUnasked(world, others[0]!, null);
  await deployUnasked(world, others[1]!, 'gpu-pool-of-others');
  expect(await sweepNow(world)).toMatchObject({ reported: [orphan], problems: [] });
  const kept = ['stand-in-elsewhere-1b', 'stand-in-foreign-1b', 'stand-in-judge-70b', 'stand-in-tiny-3b'];
  await expect.poll(deployed, IN_TIME).toEqual(kept);
  expect(await sweepNow(world)).toMatchObject({ reported: [], problems: [] });
});

test('jobs that nobody watches run on, or those of others are stopped', async () => {
  const results = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  // Others serve both models, so that no use of GPUs stands for its evaluations.
  const judge = { kind: 'external', url: null } as const;
  const hanging = 'stand-in/hang-evaluation-1b';
  await deployUnasked(world, hanging, null);
  const id = await startTrial(world, {
    models: [hanging],
    configure: (run) => {
      untrained(run);
      run.candidates = run.candidates.map((candidate) => ({ ...candidate, deployment: judge }));
      run.judge = { model: hanging, deployment: judge };
    },
  });
  await expect.poll(async () => (await platformOf(world.nemoUrl, id)).evaluations.length, IN_TIME).toBe(2);

  expect(await sweepNow(world)).toMatchObject({ stopped: [], problems: [] });
  await world.client.workflow.getHandle(candidateWorkflowId(id, hanging)).terminate('a test ends it');
  results.open();
  await finished(world.api, id);
  const statuses = async () => (await platformOf(world.nemoUrl, id)).evaluations.map(({ status }) => status);
  expect(await statuses()).toEqual(['running', 'running']);
  await expect
    .poll(async () => (await sweepNow(world)).stopped.sort(), IN_TIME)
    .toEqual([`${id}/stand-in-hang-evaluation-1b/base`, `${id}/stand-in-hang-evaluation-1b/icl`]);
  expect(await statuses()).toEqual(['cancelled', 'cancelled']);
});

test('a training without a lease runs on, or one of another installation is stopped', async () => {
  const id = await startTrial(world, { models: [SMALL], configure: untrained });
  await finished(world.api, id);
  const { datasets: made } = await platformOf(world.nemoUrl, id);
  const dataset = made.find(({ name }) => name.includes('-train-'))!.name;
  const { namespace } = world.config.run;
  const train = (use: string) =>
    nemo().customizer.create({ use, namespace, candidate: aCandidate(ENDLESS), training: TRAINING, dataset });
  const ours = await train(aTrainingUse(id, SMALL));
  const other = await train(aTrainingUse(aRunId(), SMALL));
  expect((await sweepNow(world)).stopped).toEqual([expect.stringContaining(candidateWorkflowId(id, SMALL))]);
  expect(await nemo().customizer.status(ours.id)).toMatchObject({ status: 'cancelled' });
  expect(await nemo().customizer.status(other.id)).not.toMatchObject({ status: 'cancelled' });
  await nemo().customizer.cancel(other.id);
});

test('datasets that came after the deletion of their run stay, or those of other runs go', async () => {
  const kept = await startTrial(world, { models: [TINY], configure: untrained });
  await finished(world.api, kept);
  const id = await deletedRun();
  const stranger = aRunId();
  const late = datasetNames(ORDERS.workload, id).training;
  const strangers = datasetNames(ORDERS.workload, stranger).training;
  await aDataset(late, id);
  await aDataset(strangers, stranger);
  // Its deletion has only just ended, and may still be listed as one that goes on.
  await expect.poll(() => sweepNow(world), IN_TIME).toMatchObject({ removed: [late], problems: [] });
  const left = await datasets();
  expect(left).not.toContain(late);
  expect(left).toEqual(
    expect.arrayContaining([strangers, ...Object.values(datasetNames(ORDERS.workload, kept))]),
  );
});

test('a model that came after the deletion of its run stays, or those of other runs go', async () => {
  const kept = await startTrial(world, { models: [TINY] });
  await finished(world.api, kept);
  const trained = (await platformOf(world.nemoUrl, kept)).datasets.find(({ name }) =>
    name.includes('-train-'),
  )!;
  const id = await deletedRun();
  const { namespace } = world.config.run;
  const train = async (runId: string) => {
    const use = aTrainingUse(runId, TINY);
    const dataset = trained.name;
    const request = { use, namespace, candidate: aCandidate(TINY), training: TRAINING, dataset };
    const job = await nemo().customizer.create(request);
    await expect
      .poll(async () => (await nemo().customizer.status(job.id))?.status, IN_TIME)
      .toMatch(/completed|cancelled/);
    return job.outputModel;
  };
  const late = await train(id);
  const strangers = await train(aRunId());
  expect((await sweepNow(world)).removed).toEqual([late]);
  const models = async () =>
    (await platformState(world.nemoUrl)).models.map(({ name }) => `${namespace}/${name}`);
  const [ours] = (await platformOf(world.nemoUrl, kept)).models;
  expect(await models()).toEqual(expect.arrayContaining([strangers, `${namespace}/${ours!.name}`]));
  expect(await models()).not.toContain(late);
});

test('a deletion that was terminated is never finished', async () => {
  const id = await startTrial(world, { models: [TINY], configure: untrained });
  await finished(world.api, id);
  const removal = gate.hold(/^DELETE \/v1\/datasets\//);
  await world.api.call('DELETE', `/api/jobs/${id}`);
  await removal.reached;
  await world.client.workflow.getHandle(deleteWorkflowId(id)).terminate('a test ends it');
  removal.open();
  expect(await datasets()).not.toEqual([]);
  await expect.poll(async () => (await sweepNow(world)).resumed, IN_TIME).toEqual([id]);
  await world.client.workflow.getHandle(deleteWorkflowId(id)).result();
  expect((await platformOf(world.nemoUrl, id)).datasets).toEqual([]);
  expect((await platformOf(world.nemoUrl, id)).repositories).toEqual([]);
  expect(await world.api.call('GET', `/api/jobs/${id}`)).toMatchObject({ status: 404 });
});

test('what a terminated run is still uploading comes after its deletion', async () => {
  const upload = gate.hold(/^POST \/v1\/datasets$/);
  const id = await startTrial(world, { models: [TINY], configure: untrained });
  await upload.reached;
  await world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  await finished(world.api, id);
  await world.api.call('DELETE', `/api/jobs/${id}`);
  await world.client.workflow.getHandle(deleteWorkflowId(id)).result();
  upload.open();
  // Time enough for it.
  await finished(world.api, await startTrial(world, { models: [TINY], configure: untrained }));
  expect((await platformOf(world.nemoUrl, id)).datasets).toEqual([]);
});

test('a terminated run that nobody reads stays open in the list of jobs, or one that is open is closed', async () => {
  const results = gate.hold(/^GET \/v1\/evaluation\/jobs\/eval/);
  const start = () => startTrial(world, { models: [TINY], configure: untrained });
  const [id, open] = [await start(), await start()];
  for (const one of [id, open])
    await expect
      .poll(async () => (await world.stores.runs.get(one))?.stage, IN_TIME)
      .toBe('trying-candidates');
  await world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  await expect.poll(async () => (await sweepNow(world)).closed, IN_TIME).toEqual([id]);
  const { body } = await world.api.call('GET', '/api/jobs?status=running');
  expect((body as { jobs: { id: string }[] }).jobs.map((job) => job.id)).toEqual([open]);
  const job = await world.api.job(id);
  expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining('has ended as terminated') });
  expect(job.nims).toMatchObject([{ status: 'failed', deployment_status: 'failed' }]);
  results.open();
  expect(await finished(world.api, open)).toMatchObject({ status: 'completed' });
});

test('a job whose gateway was killed before it had begun is pending for ever, or one that is just beginning is closed', async () => {
  const { runs } = world.stores;
  const [listed] = (await runs.list({ limit: 1 })).runs;
  const known = (await runs.get(listed!.runId))!;
  const { graceMs } = world.gpuPool.settings;
  const installation = await installationOf(world.client);
  const asked = (agoMs: number) => ({
    ...newRunRecord({ ...known, runId: aRunId(), submittedAt: new Date(Date.now() - agoMs).toISOString() }),
    installation,
  });
  const [late, young] = [asked(2 * graceMs), asked(-3_600_000)];
  // In another installation, which shares the store, it may be open.
  const others = { ...asked(2 * graceMs), installation: 'another' };
  // A Temporal that has forgotten a run may be the wrong one.
  const forgotten = { ...asked(2 * graceMs), status: 'running', stage: 'trying-candidates' } as const;
  for (const record of [late, young, forgotten, others]) await runs.create(record);
  expect(await sweepNow(world)).toMatchObject({ closed: [late.runId], problems: [] });
  // The same Idempotency-Key may still start it.
  expect(await runs.get(late.runId)).toMatchObject({ status: 'failed', stage: 'queued' });
  expect(await world.api.job(late.runId)).toMatchObject({
    status: 'failed',
    finished_at: expect.any(String),
    error: expect.stringMatching(/^Not started/),
  });
  for (const { runId } of [young, forgotten, others]) {
    expect((await runs.get(runId))?.finishedAt).toBeNull();
    await runs.delete(runId);
  }
});
