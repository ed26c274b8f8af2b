import { expect, test } from 'vitest';
import { candidateWorkflowId, deleteWorkflowId, runWorkflowId } from '../../../workflows/contract.js';
import { finished } from '../../support/observe.js';
import type { ActivityName, Point } from '../../support/troubles.js';
import {
  aCase,
  aJobRuns,
  askToCancel,
  embeddedBy,
  expectAllOver,
  expectDeleted,
  expectEnd,
  expectUnwound,
  heldAt,
  jobsOf,
  saying,
  sharedTroubledWorld,
  startDeletion,
  type Case,
} from './cases.js';

// Each kind of workflow is terminated at each of its stages, which runs no clean-up at all.

const shared = sharedTroubledWorld();

const terminate = (workflowId: string) =>
  shared.world.client.workflow.getHandle(workflowId).terminate('a test ends it');

const POINTS: Point[] = ['before', 'after'];
const at = (stages: [ActivityName, string][]) =>
  stages.flatMap(([activity, says]) => POINTS.map((point) => [activity, says, point] as const));

async function expectNothingOf(given: Case): Promise<void> {
  expect(await expectEnd(shared.world, given, { swept: true })).toMatchObject({ status: 'failed' });
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
}

test.concurrent.each(
  at([
    ['recordRun', '"stage":"building-datasets"'],
    ['buildDatasets', ''],
    ['deployModel', ''],
    ['runCustomization', ''],
    ['runEvaluation', ''],
    ['reportCandidate', ''],
  ]),
)('a run that is terminated at %s %s, %s it acts, leaves something behind', async (activity, says, point) => {
  const given = aCase(shared.world, { isTrained: activity === 'runCustomization' });
  const { stage } = await heldAt(shared.world, given, activity, point, says);
  await terminate(runWorkflowId(given.id));
  stage.lift();
  await expectNothingOf(given);
});

test.concurrent.each(
  at([
    ['deployModel', 'embed'],
    ['buildDatasets', ''],
    ['tellPool', '"kind":"release".*/datasets/'],
  ]),
)(
  'a run that is terminated at %s %s, %s it acts, keeps its embedding model',
  async (activity, says, point) => {
    const embedding = `stand-in/of-${activity.toLowerCase()}-${point}-embed-1b`;
    const given = aCase(shared.world, { configure: embeddedBy(embedding) });
    const calls = activity === 'deployModel' ? new RegExp(embedding) : given.calls;
    const { stage } = await heldAt(shared.world, { ...given, calls }, activity, point, says);
    await terminate(runWorkflowId(given.id));
    stage.lift();
    await expectNothingOf(given);
    await expectUnwound(shared.world, { ...given, model: embedding });
  },
);

test.concurrent.each(
  at([
    ['tellPool', '"kind":"request"'],
    ['deployModel', ''],
    ['runCustomization', ''],
    ['runEvaluation', ''],
    ['reportCandidate', ''],
    ['tellPool', '"kind":"release"'],
  ]),
)(
  'a candidate that is terminated at %s %s, %s it acts, leaves something behind',
  async (activity, says, point) => {
    const given = aCase(shared.world, { isTrained: activity === 'runCustomization' });
    const { stage } = await heldAt(shared.world, given, activity, point, says);
    await terminate(candidateWorkflowId(given.id, given.model));
    stage.lift();
    await expectNothingOf(given);
  },
);

test.concurrent.each(
  at([
    ['deployModel', ''],
    ['tellPool', '"kind":"up"'],
    ['watchDeployment', ''],
    ['undeployModel', ''],
    ['tellPool', '"kind":"freed"'],
  ]).filter(([activity, , point]) => activity !== 'watchDeployment' || point === 'before'),
)(
  'a served model that is terminated at %s %s, %s it acts, takes its run along',
  async (activity, says, point) => {
    const given = aCase(shared.world);
    const { stage, workflowId } = await heldAt(shared.world, given, activity, point, says);
    await terminate(workflowId);
    stage.lift();
    expect(await expectEnd(shared.world, given)).toMatchObject({ status: 'completed', error: null });
    expect(await jobsOf(shared.world, given)).toEqual([2, 0]);
  },
);

test.concurrent.each(
  at([
    ['awaitRunClosed', ''],
    ['stopJobsOfRun', ''],
    ['deleteDatasets', ''],
    ['deleteEvaluations', ''],
    ['deleteCustomization', ''],
    ['deleteRunRecord', ''],
  ]),
)('a deletion that is terminated at %s %s, %s it acts, is never finished', async (activity, says, point) => {
  const given = aCase(shared.world);
  await given.start();
  await finished(shared.world.api, given.id);
  const stage = shared.world.troubles.holds(activity, saying(given, says), point);
  await startDeletion(shared.world, given);
  await stage.struck;
  await terminate(deleteWorkflowId(given.id));
  stage.lift();
  await expectDeleted(shared.world, given, { swept: !(activity === 'deleteRunRecord' && point === 'after') });
});

test.concurrent.each(POINTS)(
  'a run that is terminated at the record of its end, %s it is made, leaves something behind',
  async (point) => {
    const given = aCase(shared.world);
    const { stage, workflowId } = await heldAt(shared.world, given, 'recordRun', point, '"stage":"finished"');
    await terminate(workflowId);
    stage.lift();
    // Its last word may come before the record is closed for it.
    const ends = point === 'after' ? ['completed'] : ['completed', 'failed'];
    expect(ends).toContain((await expectEnd(shared.world, given)).status);
    await startDeletion(shared.world, given);
    await expectDeleted(shared.world, given);
  },
);

/** At what a cancelled run, and a candidate of it, stop what they have begun. */
const STOPS: [ActivityName, name: string][] = [
  ['stopCustomization', 'hang-training'],
  ['stopEvaluation', 'hang-evaluation'],
];

/** A run that is cancelled and then held at a call that says this. */
async function heldWhileCancelled([activity, name]: [ActivityName, string], says: string, point: Point) {
  const given = aCase(shared.world, { name, isTrained: name === 'hang-training' });
  const stage = shared.world.troubles.holds(activity, saying(given, says), point);
  await given.start();
  await aJobRuns(shared.world, given);
  await askToCancel(shared.world, given);
  return { given, stage, workflowId: await stage.struck };
}

test.concurrent.each(STOPS.flatMap((stop) => POINTS.map((point) => [...stop, point] as const)))(
  'a candidate that is terminated while it is cancelled, at %s of %s, %s it acts, leaves a job running',
  async (activity, name, point) => {
    const { given, stage, workflowId } = await heldWhileCancelled([activity, name], '', point);
    expect(workflowId).toBe(candidateWorkflowId(given.id, given.model));
    await terminate(workflowId);
    stage.lift();
    expect(await expectEnd(shared.world, given, { swept: true })).toMatchObject({ status: 'cancelled' });
    await startDeletion(shared.world, given);
    await expectDeleted(shared.world, given);
  },
);

test.concurrent.each([
  ['stopCustomization', 'hang-training', ''],
  ['stopEvaluation', 'hang-evaluation', ''],
  ['recordRun', 'hang-evaluation', '"stage":"cancelling"'],
] as [ActivityName, string, string][])(
  'a run that is terminated while it is cancelled, at %s of %s %s, leaves a job running',
  async (activity, name, says) => {
    const { given, stage } = await heldWhileCancelled([activity, name], says, 'before');
    await terminate(runWorkflowId(given.id));
    stage.lift();
    await expectNothingOf(given);
  },
);

test('something is still deployed, running or leased when all is over', async () => {
  await expectAllOver(shared.world);
});
