import { expect, test } from 'vitest';
import { configurePool } from '../../activities/index.js';
import { datasetNames, runProject } from '../../src/ids.js';
import {
  candidateWorkflowId,
  deleteWorkflowId,
  poolMessages,
  runWorkflowId,
} from '../../workflows/contract.js';
import { poolOf, stateOf, waiting } from '../gpu-leases/holders.js';
import { Gate } from '../support/gate.js';
import { post, send } from '../support/local-platform.js';
import { finished, IN_TIME, platformOf } from '../support/observe.js';
import { ORDERS } from '../support/order-logs.js';
import { deployUnasked } from '../support/sweep.js';
import { servedByOthers, untrained } from '../support/trial-runs.js';
import { Troubles } from '../support/troubles.js';
import type { World } from '../support/world.js';
import { aWorld, record, recordSweep, retire, servedModelOf, start } from './recording.js';

// Situations in which something is taken away, lost or given up.

const TINY = 'stand-in/tiny-1b';
const HANGING = 'stand-in/hang-evaluation-1b';
/** Far more messages than a run makes. */
const MANY = 100;

const evaluating = (world: World, id: string) =>
  expect.poll(async () => (await platformOf(world.nemoUrl, id)).evaluations.length, IN_TIME).toBe(2);

const cancelRun = async (world: World, id: string) => {
  await world.api.call('POST', `/api/jobs/${id}/cancel`);
  expect(await finished(world.api, id)).toMatchObject({ status: 'cancelled' });
};

test('a pool that reclaims what a terminated candidate held, and one after a pool that was terminated', async () => {
  const world = await aWorld([HANGING], untrained, { gpuPool: { graceMs: 1_000 } });
  const lost = await start(world);
  await evaluating(world, lost);
  await world.client.workflow.getHandle(candidateWorkflowId(lost, HANGING)).terminate();
  await finished(world.api, lost);
  await record(world, runWorkflowId(lost), 'run-candidate-terminated');
  await expect.poll(async () => (await stateOf(world)).models, IN_TIME).toEqual([]);
  await retire(world, 'gpu-pool-reclaimed');

  await configurePool(world.client, world.taskQueue, world.gpuPool);
  const id = await start(world);
  await evaluating(world, id);
  await poolOf(world).terminate();
  await configurePool(world.client, world.taskQueue, world.gpuPool);
  await expect.poll(async () => (await stateOf(world)).census, IN_TIME).toBe(false);
  await cancelRun(world, id);
  await retire(world, 'gpu-pool-after-another');
});

test('a pool that continues as new while it looks around, and the one after it', async () => {
  const troubles = new Troubles();
  const options = { between: troubles.between, continueAfter: MANY };
  const world = await aWorld([HANGING], untrained, options);
  const id = await start(world);
  await evaluating(world, id);
  const look = troubles.holds('lookAround', /./, 'before');
  await look.struck;
  const { workflowId, runId } = await poolOf(world).describe();
  await poolOf(world).signal(
    poolMessages,
    Array.from({ length: MANY }, () => ({ kind: 'wake' })),
  );
  await record(world, workflowId, 'gpu-pool-continues-while-it-looks', runId);
  look.lift();
  await cancelRun(world, id);
  await retire(world, 'gpu-pool-looks-again');
});

test('a served model whose deployment is deleted while it serves', async () => {
  const world = await aWorld([HANGING], untrained);
  const id = await start(world);
  await evaluating(world, id);
  const { namespace } = world.config.run;
  await send(
    'DELETE',
    `${world.nemoUrl}/v1/deployment/model-deployments/${namespace}/${HANGING.replace('/', '-')}`,
  );
  expect(await finished(world.api, id)).toMatchObject({ status: 'failed' });
  await record(world, await servedModelOf(world, HANGING), 'served-model-died');
  await record(world, candidateWorkflowId(id, HANGING), 'candidate-model-died');
});

test('a candidate whose GPUs are taken away before its training begins', async () => {
  const gate = new Gate();
  const world = await aWorld([TINY], undefined, { gate });
  const begin = gate.hold(/^GET \/v1\/customization\/jobs\?.*flywheel-/);
  const id = await start(world);
  await begin.reached;
  const [training] = (await stateOf(world)).trainings;
  await poolOf(world).signal(poolMessages, [{ kind: 'release', use: training!.use }]);
  expect((await stateOf(world)).trainings).toEqual([]);
  begin.open();
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await record(world, candidateWorkflowId(id, TINY), 'candidate-lease-lost');
});

test('a candidate that the pool refuses', async () => {
  const world = await aWorld([TINY], untrained, { gpuPool: { totalGpus: 1 } });
  const id = await start(world);
  expect(await finished(world.api, id)).toMatchObject({ status: 'failed' });
  await record(world, candidateWorkflowId(id, TINY), 'candidate-refused');
});

test('cancellation of a run that builds its datasets, and of one that waits for GPUs', async () => {
  const gate = new Gate();
  // The judge and one.
  const world = await aWorld([HANGING], untrained, { gate, gpuPool: { totalGpus: 5 } });
  const first = await start(world);
  await evaluating(world, first);
  // It needs another model than is there.
  world.config.run.candidates = world.config.run.candidates.map((candidate) => ({
    ...candidate,
    model: TINY,
  }));
  const other = await start(world, { eval_size: 13 });
  await waiting(world, 1);
  await cancelRun(world, other);
  await record(world, runWorkflowId(other), 'run-cancelled-while-it-waits');
  await record(world, candidateWorkflowId(other, TINY), 'candidate-cancelled-while-it-waits');
  await cancelRun(world, first);
  await record(world, candidateWorkflowId(first, HANGING), 'candidate-cancelled-while-it-evaluates');

  const upload = gate.hold(/^POST \/v1\/datasets$/);
  const builds = await start(world);
  await upload.reached;
  await world.api.call('POST', `/api/jobs/${builds}/cancel`);
  upload.open();
  expect(await finished(world.api, builds)).toMatchObject({ status: 'cancelled' });
  await record(world, runWorkflowId(builds), 'run-cancelled-while-it-builds');
});

test('sweeps that stop, remove, resume and close', async () => {
  const gate = new Gate();
  const world = await aWorld([HANGING], servedByOthers(HANGING), { gate, gpuPool: { graceMs: 1_000 } });
  await deployUnasked(world, HANGING, null);
  const runs = [await start(world), await start(world), await start(world)];
  const [lost, deleted, kept] = runs as [string, string, string];
  for (const id of runs) await evaluating(world, id);
  await world.client.workflow.getHandle(candidateWorkflowId(lost, HANGING)).terminate();
  await recordSweep(world, 'stopped', 'sweep-stopped');

  await cancelRun(world, deleted);
  await world.api.call('DELETE', `/api/jobs/${deleted}`);
  await record(world, deleteWorkflowId(deleted), 'delete-cancelled-run');
  const { namespace } = world.config.run;
  const name = datasetNames(ORDERS.workload, deleted).training;
  const files_url = `hf://datasets/${namespace}/${name}`;
  await post(`${world.nemoUrl}/v1/datasets`, { name, namespace, files_url, project: runProject(deleted) });
  await recordSweep(world, 'removed', 'sweep-removed');

  const removal = gate.hold(/^DELETE \/v1\/datasets\//);
  await world.api.call('DELETE', `/api/jobs/${lost}`);
  await removal.reached;
  await world.client.workflow.getHandle(deleteWorkflowId(lost)).terminate();
  removal.open();
  await recordSweep(world, 'resumed', 'sweep-resumed');

  await world.client.workflow.getHandle(runWorkflowId(kept)).terminate();
  await recordSweep(world, 'closed', 'sweep-closed');
});
