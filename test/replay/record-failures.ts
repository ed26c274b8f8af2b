import { expect, test } from 'vitest';
import { shortHash } from '../../src/ids.js';
import { candidateWorkflowId, deleteWorkflowId, runWorkflowId, SWEEP } from '../../workflows/contract.js';
import { finished } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { sweepInput } from '../support/sweep.js';
import { untrained } from '../support/trial-runs.js';
import type { ActivityName } from '../support/troubles.js';
import { aCase, aWorldOfItsOwn, expectEnd, startDeletion, type Troubled } from '../system/unwinding/cases.js';
import { record, servedModelOf, startTurn } from './recording.js';

// Situations in which a call of a workflow fails for good, or what it would begin is there already.

/** A run of which each call of an activity fails, and how it ends. */
async function aRunWithout(world: Troubled, activity: ActivityName) {
  const given = aCase(world);
  const trouble = world.troubles.failsForGood(activity, given.calls);
  await given.start();
  await trouble.struck;
  return { given, trouble, candidate: candidateWorkflowId(given.id, given.model) };
}

test('candidates whose evaluations, or whose report, fail', async () => {
  const world = await aWorldOfItsOwn();
  const unevaluated = await aRunWithout(world, 'runEvaluation');
  await record(world, unevaluated.candidate, 'candidate-evaluation-failed');
  const unreported = await aRunWithout(world, 'reportCandidate');
  await record(world, unreported.candidate, 'candidate-report-failed');
});

test('served models that cannot be watched, and that cannot be removed at once', async () => {
  const world = await aWorldOfItsOwn();
  const unwatched = await aRunWithout(world, 'watchDeployment');
  await finished(world.api, unwatched.given.id);
  await record(world, await servedModelOf(world, unwatched.given.model), 'served-unwatched');
  const staying = await aRunWithout(world, 'undeployModel');
  staying.trouble.lift();
  await record(world, await servedModelOf(world, staying.given.model), 'served-removed-later');
});

test('a deletion that fails', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  await given.start();
  await expectEnd(world, given);
  world.troubles.failsForGood('deleteDatasets', given.calls);
  await startDeletion(world, given);
  await record(world, deleteWorkflowId(given.id), 'delete-run-failed');
});

test('turns of a schedule that cannot count, and whose run has begun already; a run that is not compared', async () => {
  const world = await aWorldOfItsOwn();
  const { troubles, client, taskQueue, config } = world;
  await world.api.importRecords(orderLogs(30));
  config.run.candidates = config.run.candidates.slice(0, 1);
  untrained(config.run);
  const counting = troubles.failsForGood('countNewRecords', /./);
  const uncounted = await startTurn(world, null, 'scheduled-run-not-counted');
  await record(world, uncounted.workflowId, 'scheduled-run-not-counted');
  counting.lift();

  const held = troubles.holds('countNewRecords', /./, 'before');
  const again = await startTurn(world, null, 'scheduled-run-begun-already');
  await held.struck;
  // What has the id of its run, as after a reset.
  const workflowId = runWorkflowId(shortHash(again.firstExecutionRunId, 24));
  await client.workflow.start(SWEEP, { workflowId, taskQueue, args: [sweepInput(world)] });
  held.lift();
  await record(world, again.workflowId, 'scheduled-run-begun-already');

  await (await startTurn(world, null, 'scheduled-run-first')).result();
  troubles.failsForGood('compareWithRun', /./);
  const { runId } = (await (await startTurn(world, null, 'scheduled-run-second')).result()) as {
    runId: string;
  };
  expect((await finished(world.api, runId)).warnings.join()).toMatch(/Not compared/);
  await record(world, runWorkflowId(runId), 'run-not-compared');
});
