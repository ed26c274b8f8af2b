import { expect, test } from 'vitest';
import {
  candidateWorkflowId,
  deleteWorkflowId,
  poolMessages,
  runWorkflowId,
} from '../../workflows/contract.js';
import { poolOf, stateOf } from '../gpu-leases/holders.js';
import { finished, IN_TIME } from '../support/observe.js';
import { deployUnasked } from '../support/sweep.js';
import { servedByOthers } from '../support/trial-runs.js';
import type { ActivityName } from '../support/troubles.js';
import {
  aCase,
  aWorldOfItsOwn,
  cancelRun,
  embeddedBy,
  expectEnd,
  heldAt,
  jobsOf,
  startDeletion,
  type Case,
  type Troubled,
} from '../system/unwinding/cases.js';
import { record, servedModelOf, startTurn } from './recording.js';

// Situations in which a workflow is cancelled at one of its stages, or loses its GPUs there.

const candidateOf = ({ id, model }: Case) => candidateWorkflowId(id, model);
const HANGING = { name: 'hang-evaluation' };

const evaluating = (world: Troubled, given: Case) =>
  expect.poll(() => jobsOf(world, given), IN_TIME).toEqual([2, 0]);

/** A run that is cancelled while that call of it is held. */
async function cancelledAt(world: Troubled, activity: ActivityName, says = '', given = aCase(world)) {
  const { stage } = await heldAt(world, given, activity, 'before', says);
  await cancelRun(world, given);
  return { given, stage };
}

test('a candidate whose model deploys, and the model, which is closed then; one that reports; a run that ends', async () => {
  const world = await aWorldOfItsOwn();
  const deploying = await cancelledAt(world, 'deployModel');
  await record(world, candidateOf(deploying.given), 'candidate-cancelled-while-it-deploys');
  const states = async () => (await stateOf(world)).models.map(({ state }) => state);
  await expect.poll(states, IN_TIME).toEqual(['closing']);
  deploying.stage.lift();
  const { model } = deploying.given;
  await record(world, await servedModelOf(world, model), 'served-closed-while-it-deploys');

  const reporting = await cancelledAt(world, 'reportCandidate');
  reporting.stage.lift();
  await record(world, candidateOf(reporting.given), 'candidate-cancelled-while-it-reports');

  const ending = await cancelledAt(world, 'recordRun', '"stage":"trying-candidates".*"finishedAt":"');
  ending.stage.lift();
  expect(await finished(world.api, ending.given.id)).toMatchObject({ status: 'cancelled' });
  await record(world, runWorkflowId(ending.given.id), 'run-cancelled-at-its-end');
});

test('a run whose embedding model deploys', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world, { configure: embeddedBy('stand-in/tiny-embed-1b') });
  const { stage: deploying } = await heldAt(world, { ...given, calls: /tiny-embed/ }, 'deployModel');
  await cancelRun(world, given);
  await record(world, runWorkflowId(given.id), 'run-cancelled-before-its-embedding-model');
  deploying.lift();
});

test('a candidate that others serve, and one whose evaluations cannot be stopped', async () => {
  const world = await aWorldOfItsOwn();
  const external = aCase(world, { configure: (run) => servedByOthers(run.candidates[0]!.model)(run) });
  await deployUnasked(world, external.model, null);
  await external.start();
  expect(await finished(world.api, external.id)).toMatchObject({ status: 'completed' });
  await record(world, candidateOf(external), 'candidate-of-others');

  const given = aCase(world, HANGING);
  await given.start();
  await evaluating(world, given);
  world.troubles.failsForGood('stopEvaluation', given.calls);
  await cancelRun(world, given);
  await record(world, candidateOf(given), 'candidate-evaluation-left-running');
});

test('a candidate whose GPUs are taken away before its evaluations begin', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world);
  const { stage } = await heldAt(world, given, 'runEvaluation');
  const uses = async () => (await stateOf(world)).models.flatMap(({ users }) => users);
  const [use] = await uses();
  await poolOf(world).signal(poolMessages, [{ kind: 'release', use: use! }]);
  await expect.poll(uses, IN_TIME).toEqual([]);
  stage.lift();
  expect(await finished(world.api, given.id)).toMatchObject({ status: 'completed' });
  await record(world, candidateOf(given), 'candidate-evaluations-lost-their-lease');
});

test('a served model by itself; a deletion; a turn of a schedule that counts', async () => {
  const world = await aWorldOfItsOwn();
  const given = aCase(world, HANGING);
  await given.start();
  await evaluating(world, given);
  const served = await servedModelOf(world, given.model);
  await world.client.workflow.getHandle(served).cancel();
  expect(await expectEnd(world, given)).toMatchObject({ status: 'failed' });
  await record(world, served, 'served-cancelled');

  const deleting = world.troubles.holds('awaitRunClosed', given.calls, 'before');
  await startDeletion(world, given);
  await deleting.struck;
  await world.client.workflow.getHandle(deleteWorkflowId(given.id)).cancel();
  deleting.lift();
  await record(world, deleteWorkflowId(given.id), 'delete-run-cancelled');

  const counting = world.troubles.holds('countNewRecords', /./, 'before');
  const turn = await startTurn(world, null, 'scheduled-run-cancelled-while-it-counts');
  await counting.struck;
  await turn.cancel();
  counting.lift();
  await record(world, turn.workflowId, 'scheduled-run-cancelled-while-it-counts');
});
