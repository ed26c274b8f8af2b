import { expect, test } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import { modelSlug } from '../../src/ids.js';
import {
  cancel,
  cancelCandidate,
  candidateWorkflowId,
  deleteWorkflowId,
  gpuPoolWorkflowId,
  runWorkflowId,
  type ScheduledRunOutcome,
} from '../../workflows/contract.js';
import { finished, platformState } from '../support/observe.js';
import { deployUnasked, startSweep, sweepInput } from '../support/sweep.js';
import { untrained } from '../support/trial-runs.js';
import type { World } from '../support/world.js';
import { embeddedBy } from '../system/unwinding/cases.js';
import { aWorld, record, servedModelOf, start, startTurn } from './recording.js';
import type { Situation } from './situations.js';

// One test per situation; each writes the histories of workflows that have ended.

const TINY = 'stand-in/tiny-1b';

const training = (world: World) =>
  expect
    .poll(async () => (await platformState(world.nemoUrl)).customizations.at(-1)?.status, { timeout: 60_000 })
    .toBe('running');

test('a run that completes, one of its candidates not deploying; then its deletion', async () => {
  const failing = 'stand-in/fail-deploy-1b';
  const world = await aWorld([TINY, failing]);
  const id = await start(world);
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await record(world, runWorkflowId(id), 'run-completed');
  await record(world, candidateWorkflowId(id, TINY), 'candidate-completed');
  await record(world, candidateWorkflowId(id, failing), 'candidate-deployment-failed');
  await world.api.call('DELETE', `/api/jobs/${id}`);
  await record(world, deleteWorkflowId(id), 'delete-run');

  await deployUnasked(world, 'stand-in/orphan-1b');
  const sweep = await startSweep(world);
  expect(await sweep.result()).toMatchObject({ reported: ['stand-in/orphan-1b'], problems: [] });
  await record(world, sweep.workflowId, 'sweep');
  const retention = { logsMs: 1, runsMs: 1 };
  const expiring = await startSweep(world, { ...sweepInput(world), retention });
  expect(await expiring.result()).toMatchObject({ problems: [] });
  await record(world, expiring.workflowId, 'sweep-expiring');
  await record(world, await servedModelOf(world, 'stand-in/orphan-1b'), 'served-orphan');

  await record(world, await servedModelOf(world, TINY), 'served-tiny-1b');
  await record(world, await servedModelOf(world, failing), 'served-fail-deploy-1b');
  // It ends when nobody uses anything any more.
  await world.client.workflow.getHandle(gpuPoolWorkflowId(world.taskQueue)).cancel();
  await record(world, gpuPoolWorkflowId(world.taskQueue), 'gpu-pool');
});

test('a run without customization, with a judge that others serve', async () => {
  const world = await aWorld([TINY], (run) => {
    run.candidates = run.candidates.map((candidate) => ({ ...candidate, customizer: null }));
    run.judge = { model: TINY, deployment: run.candidates[0]!.deployment };
  });
  const id = await start(world);
  await finished(world.api, id);
  await record(world, runWorkflowId(id), 'run-judge-is-candidate');
  await record(world, candidateWorkflowId(id, TINY), 'candidate-not-customized');
});

/** Its examples are compared by that model. */
const comparedBy = (model: string) => (run: RunConfig) => {
  untrained(run);
  embeddedBy(model)(run);
};

test('a run that compares its examples', async () => {
  const world = await aWorld([TINY], comparedBy('stand-in/tiny-embed-1b'));
  const id = await start(world);
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await record(world, runWorkflowId(id), 'run-similar-examples');
});

test('a run whose embedding model does not deploy', async () => {
  const world = await aWorld([TINY], comparedBy('stand-in/fail-deploy-embed-1b'));
  const id = await start(world);
  const failed = { status: 'failed', embedding_model: { deployment_status: 'failed' }, datasets: [] };
  expect(await finished(world.api, id)).toMatchObject(failed);
  await record(world, runWorkflowId(id), 'run-embedding-failed');
});

test('a model that others serve already, and go on serving', async () => {
  const world = await aWorld([TINY], untrained);
  await deployUnasked(world, TINY, null);
  const id = await start(world);
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await record(world, await servedModelOf(world, TINY), 'served-foreign');
  const { deployments } = await platformState(world.nemoUrl);
  expect(deployments.map(({ name }) => name)).toContain(modelSlug(TINY));
});

test('a schedule: a run, a turn without enough new records, and a run that is compared', async () => {
  const world = await aWorld([TINY], untrained);
  const turn = async (minNewRecords: number | null, name: Situation) => {
    const handle = await startTurn(world, minNewRecords, name);
    const outcome = (await handle.result()) as ScheduledRunOutcome;
    await record(world, handle.workflowId, name);
    return outcome.runId;
  };
  await turn(null, 'scheduled-run');
  expect(await turn(1, 'scheduled-run-skipped')).toBeNull();
  const repeated = await turn(null, 'scheduled-run-again');
  expect((await finished(world.api, repeated!)).comparison).toBeDefined();
  await record(world, runWorkflowId(repeated!), 'run-compared');
});

test('a turn of a schedule that is cancelled while its run trains', async () => {
  const world = await aWorld(['stand-in/slow-training-1b']);
  const turn = await startTurn(world, null, 'scheduled-run-cancelled');
  await training(world);
  await turn.cancel();
  await record(world, turn.workflowId, 'scheduled-run-cancelled');
  const [run] = (await world.stores.runs.list()).runs;
  expect(run).toMatchObject({ status: 'cancelled' });
});

test('two runs that wait for GPUs of a pool that continues as new', async () => {
  const judgeAndOne = { totalGpus: 5 };
  const world = await aWorld([TINY], undefined, { gpuPool: judgeAndOne, continueAfter: 4 });
  const ids = [await start(world), await start(world, { eval_size: 14 })];
  for (const id of ids) expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await record(world, candidateWorkflowId(ids[1]!, TINY), 'candidate-waited-for-gpus');
  await world.client.workflow.getHandle(gpuPoolWorkflowId(world.taskQueue)).cancel();
  // The last of the pool's runs, which began with the ledger of the one before.
  await record(world, gpuPoolWorkflowId(world.taskQueue), 'gpu-pool-continued');
});

test('a candidate whose training fails', async () => {
  const model = 'stand-in/fail-training-1b';
  const world = await aWorld([model]);
  const id = await start(world);
  await finished(world.api, id);
  await record(world, candidateWorkflowId(id, model), 'candidate-training-failed');
});

test('a run with too few records, and one whose judge does not deploy', async () => {
  const world = await aWorld([TINY], (run) => {
    run.judge = { ...run.judge, model: 'stand-in/fail-deploy-judge-70b' };
  });
  const tooFew = await start(world, { eval_size: 15, min_total_records: 2_000 });
  expect(await finished(world.api, tooFew)).toMatchObject({ status: 'failed' });
  await record(world, runWorkflowId(tooFew), 'run-too-few-records');
  const noJudge = await start(world);
  expect(await finished(world.api, noJudge)).toMatchObject({ status: 'failed' });
  await record(world, runWorkflowId(noJudge), 'run-judge-failed');
});

test('cancellation of a run by the API, of a run by signal, and of a candidate alone', async () => {
  const slow = 'stand-in/slow-training-1b';
  const world = await aWorld([slow]);
  const byApi = await start(world);
  await training(world);
  await world.api.call('POST', `/api/jobs/${byApi}/cancel`);
  await finished(world.api, byApi);
  await record(world, runWorkflowId(byApi), 'run-cancelled');
  await record(world, candidateWorkflowId(byApi, slow), 'candidate-cancelled');

  const bySignal = await start(world);
  await training(world);
  await world.client.workflow.getHandle(runWorkflowId(bySignal)).signal(cancel);
  await finished(world.api, bySignal);
  await record(world, runWorkflowId(bySignal), 'run-cancelled-by-signal');

  const alone = await start(world);
  await training(world);
  await world.client.workflow.getHandle(runWorkflowId(alone)).signal(cancelCandidate, slow);
  await finished(world.api, alone);
  await record(world, runWorkflowId(alone), 'run-candidate-cancelled');
});
