import { expect, test, vi } from 'vitest';
import type { RetentionConfig } from '../../../src/config/run-config.js';
import { candidateWorkflowId, deleteWorkflowId, runWorkflowId } from '../../../workflows/contract.js';
import { poolOf, stateOf } from '../../gpu-leases/holders.js';
import { finished, IN_TIME, platformOf, platformState } from '../../support/observe.js';
import { exported, logRecord, runRecord, SOME_MS } from '../../support/stores.js';
import { deployUnasked, startSweep, sweepInput } from '../../support/sweep.js';
import { servedByOthers, startTrial, TINY, untrained } from '../../support/trial-runs.js';
import { type ActivityName, WAYS } from '../../support/troubles.js';
import { trainUnasked } from '../../support/unasked-trainings.js';
import type { World } from '../../support/world.js';
import { aCase, aWorldOfItsOwn, eventually, expectEnd, type Troubled } from './cases.js';

// Each call of a sweep, and of the pool's for a training, fails: what it leaves is dealt with by the next.

vi.setConfig({ testTimeout: 240_000 });

const SPLIT = { eval_size: 6, min_total_records: 10 };

/** Or the sweep is terminated before it acts. */
const ENDS = [...WAYS, 'terminated'] as const;
type End = (typeof ENDS)[number];

/** A sweep of which a call fails, or at which it ends, that way, and those after it until what is read becomes so. */
async function expectSwept<T>(
  world: Troubled,
  [activity, says]: [ActivityName, string],
  way: End,
  read: () => Promise<T>,
  becomes: T,
  retention?: RetentionConfig,
): Promise<void> {
  const input = { ...sweepInput(world), ...(retention && { retention }) };
  const calls = new RegExp(`^sweep-.*${says}`);
  const { troubles } = world;
  const isTerminated = way === 'terminated';
  const trouble = isTerminated
    ? troubles.holds(activity, calls, 'before')
    : troubles.fails(activity, calls, way);
  const isStruck = trouble.struck.then(() => true);
  // What has only just ended is left to a later sweep.
  for (let struck = false; !struck;) {
    const sweep = await startSweep(world, input);
    struck = await Promise.race([isStruck, sweep.result().then(() => false)]);
    if (struck && isTerminated) await sweep.terminate('a test ends it');
  }
  trouble.lift();
  await eventually(
    async () => {
      await (await startSweep(world, input)).result();
      return await read();
    },
    becomes,
    1_000,
  );
}

const finishedRun = async (world: World): Promise<string> => {
  const id = await startTrial(world, { models: [TINY], split: SPLIT, configure: untrained });
  await finished(world.api, id);
  return id;
};

test.each(ENDS)('a pool that is not there, or a deployment without a lease, is left so: %s', async (way) => {
  const world = await aWorldOfItsOwn();
  await poolOf(world).terminate('a test ends it');
  const isServing = async () =>
    (await poolOf(world).describe()).status.name === 'RUNNING' && !(await stateOf(world)).census;
  await expectSwept(world, ['tellPool', '"kind":"wake"'], way, isServing, true);
  await deployUnasked(world, 'stand-in/orphan-1b');
  const deployments = async () => (await platformState(world.nemoUrl)).deployments;
  await expectSwept(world, ['tellPool', '"kind":"orphan"'], way, deployments, []);
});

test.each(ENDS)('a job that nobody watches runs on when it cannot be stopped: %s', async (way) => {
  const world = await aWorldOfItsOwn();
  const training = await trainUnasked(world, await finishedRun(world), 'stand-in/hang-training-1b');
  await expectSwept(world, ['stopCustomization', ''], way, training, 'cancelled');

  const hanging = 'stand-in/hang-evaluation-1b';
  await deployUnasked(world, hanging, null);
  const id = await startTrial(world, { models: [hanging], split: SPLIT, configure: servedByOthers(hanging) });
  const statuses = async () => (await platformOf(world.nemoUrl, id)).evaluations.map(({ status }) => status);
  await expect.poll(statuses, IN_TIME).toEqual(['running', 'running']);
  await world.client.workflow.getHandle(candidateWorkflowId(id, hanging)).terminate('a test ends it');
  await expectSwept(world, ['stopEvaluation', ''], way, statuses, ['cancelled', 'cancelled']);
});

test.each(ENDS)('a model of a deleted run, or the record of a terminated one, stays: %s', async (way) => {
  const world = await aWorldOfItsOwn();
  const kept = await finishedRun(world);
  const deleted = await finishedRun(world);
  await world.api.call('DELETE', `/api/jobs/${deleted}`);
  await world.client.workflow.getHandle(deleteWorkflowId(deleted)).result();
  const training = await trainUnasked(world, deleted, TINY, kept);
  await expect.poll(training, IN_TIME).toBe('completed');
  const models = async () => (await platformOf(world.nemoUrl, deleted)).models;
  await expectSwept(world, ['removeModel', ''], way, models, []);

  const stage = world.troubles.holds('buildDatasets', /./, 'before');
  const id = await startTrial(world, { models: [TINY], split: SPLIT, configure: untrained });
  await stage.struck;
  await world.client.workflow.getHandle(runWorkflowId(id)).terminate('a test ends it');
  stage.lift();
  const status = async () => (await world.stores.runs.get(id))?.status;
  await expectSwept(world, ['closeRecord', ''], way, status, 'failed');
});

const DAY = 86_400_000;

test.each(ENDS)('what is old enough stays for ever when it cannot be let go: %s', async (way) => {
  const world = await aWorldOfItsOwn();
  const { logs, runs } = world.stores;
  await logs.append([100, 1].map((days) => logRecord(days, { timestamp: Date.now() - days * DAY })));
  const records = async () => (await exported(logs)).length;
  const onlyLogs = { logsMs: 90 * DAY, runsMs: null };
  await expectSwept(world, ['expireRecords', ''], way, records, 1, onlyLogs);

  const ended = {
    status: 'completed',
    stage: 'finished',
    finishedAt: new Date(SOME_MS).toISOString(),
  } as const;
  const old = runRecord(ENDS.indexOf(way), { ...ended, config: world.config.run });
  await runs.put(old);
  const record = () => runs.get(old.runId);
  await expectSwept(world, ['expireRuns', ''], way, record, null, { logsMs: null, runsMs: DAY });
});

test.each(WAYS)(
  'a training whose candidate was terminated runs on when it cannot be stopped: %s',
  async (way) => {
    const world = await aWorldOfItsOwn();
    const given = aCase(world, { name: 'hang-training', isTrained: true });
    await given.start();
    const trainings = async () =>
      (await platformOf(world.nemoUrl, given.id)).customizations.map(({ status }) => status);
    await expect.poll(trainings, IN_TIME).toEqual(['running']);
    const trouble = world.troubles.fails('stopLostJobs', /"isTraining":true/, way);
    await world.client.workflow.getHandle(candidateWorkflowId(given.id, given.model)).terminate();
    await trouble.struck;
    trouble.lift();
    await expectEnd(world, given);
    expect(await trainings()).toEqual(['cancelled']);
  },
);
