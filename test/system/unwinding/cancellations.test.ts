import { expect, test } from 'vitest';
import { cancel, deleteWorkflowId, runWorkflowId } from '../../../workflows/contract.js';
import { finished } from '../../support/observe.js';
import { type ActivityName, type Point, WAYS } from '../../support/troubles.js';
import {
  aCase,
  aJobRuns,
  cancelRun,
  embeddedBy,
  expectDeleted,
  expectEnd,
  expectUnwound,
  heldAt,
  saying,
  sharedTroubledWorld,
  startDeletion,
  type Case,
} from './cases.js';

// A run is cancelled at each stage: while a call of each activity is just beginning, and when it has acted but not
// answered. And whatever a cancellation calls fails in its turn.

const shared = sharedTroubledWorld();

async function expectCancelled(given: Case, { swept = false } = {}): Promise<void> {
  expect(await expectEnd(shared.world, given, { swept })).toMatchObject({ status: 'cancelled' });
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
}

const STAGES: [ActivityName, string][] = [
  ['recordRun', '"stage":"building-datasets"'],
  ['buildDatasets', ''],
  ['recordRun', '"stage":"trying-candidates"'],
  ['tellPool', '"kind":"request"'],
  ['deployModel', ''],
  ['runCustomization', ''],
  ['runEvaluation', ''],
  ['tellPool', '"kind":"release"'],
  ['reportCandidate', ''],
  // The end of its candidate, after which a run has nothing more to do.
  ['recordRun', '"stage":"trying-candidates".*"finishedAt":"'],
];

test.concurrent.each(
  STAGES.flatMap(([activity, says]) =>
    (['before', 'after'] as Point[]).map((point) => [activity, says, point] as const),
  ),
)('a run that is cancelled at %s %s, %s it acts, leaves something behind', async (activity, says, point) => {
  const given = aCase(shared.world, { isTrained: activity === 'runCustomization' });
  const { stage } = await heldAt(shared.world, given, activity, point, says);
  await cancelRun(shared.world, given);
  stage.lift();
  await expectCancelled(given);
});

test.concurrent.each(['before', 'after'] as Point[])(
  'a run that is cancelled while its model is undeployed, %s that, leaves something behind',
  async (point) => {
    const given = aCase(shared.world);
    // Whoever holds the report keeps the run from its end.
    const report = shared.world.troubles.holds('reportCandidate', given.calls, 'before');
    const stage = shared.world.troubles.holds('undeployModel', given.calls, point);
    await given.start();
    await report.struck;
    await stage.struck;
    await cancelRun(shared.world, given);
    report.lift();
    stage.lift();
    await expectCancelled(given);
  },
);

test.concurrent.each(
  (
    [
      ['deployModel', 'embed'],
      ['buildDatasets', ''],
      ['tellPool', '"kind":"release".*/datasets/'],
    ] as [ActivityName, string][]
  ).flatMap(([activity, says]) =>
    (['before', 'after'] as Point[]).map((point) => [activity, says, point] as const),
  ),
)(
  'a run that is cancelled at %s %s, %s it acts, keeps its embedding model',
  async (activity, says, point) => {
    const embedding = `stand-in/cancelled-at-${activity.toLowerCase()}-${point}-embed-1b`;
    const given = aCase(shared.world, { configure: embeddedBy(embedding) });
    const calls = activity === 'deployModel' ? new RegExp(embedding) : given.calls;
    const { stage } = await heldAt(shared.world, { ...given, calls }, activity, point, says);
    await cancelRun(shared.world, given);
    stage.lift();
    await expectCancelled(given);
    await expectUnwound(shared.world, { ...given, model: embedding });
  },
);

/** Whose jobs never end by themselves. */
const ENDLESS: [ActivityName, string][] = [
  ['stopCustomization', 'hang-training'],
  ['stopEvaluation', 'hang-evaluation'],
];

test.concurrent.each(
  ENDLESS.flatMap(([activity, name]) =>
    (['before', 'after'] as Point[]).map((point) => [activity, name, point] as const),
  ),
)('a job runs on when %s of a model that is to %s fails %s it acts', async (activity, name, point) => {
  const given = aCase(shared.world, { name, isTrained: activity === 'stopCustomization' });
  const trouble = shared.world.troubles.failsOnce(activity, saying(given, ''), point);
  await given.start();
  await aJobRuns(shared.world, given);
  await cancelRun(shared.world, given);
  await trouble.struck;
  await expectCancelled(given);
});

test.concurrent.each(ENDLESS)(
  'a job runs on when %s of a model that is to %s fails for good',
  async (activity, name) => {
    const given = aCase(shared.world, { name, isTrained: activity === 'stopCustomization' });
    const trouble = shared.world.troubles.failsForGood(activity, saying(given, ''));
    await given.start();
    await aJobRuns(shared.world, given);
    await cancelRun(shared.world, given);
    const job = await finished(shared.world.api, given.id);
    expect(job.nims[0]?.error).toMatch(
      /could not be stopped and may still run on the platform: a test forbids/,
    );
    trouble.lift();
    await expectCancelled(given, { swept: true });
  },
);

test.concurrent.each(WAYS)(
  'the signal `cancel` ends a run in disorder when its cancellation cannot be asked for: %s',
  async (way) => {
    const given = aCase(shared.world, { name: 'hang-evaluation' });
    const trouble = shared.world.troubles.fails('requestCancellation', given.calls, way);
    await given.start();
    await aJobRuns(shared.world, given);
    const run = shared.world.client.workflow.getHandle(runWorkflowId(given.id));
    await run.signal(cancel);
    await trouble.struck;
    if (way === 'for good') {
      trouble.lift();
      await run.signal(cancel);
    }
    await expectCancelled(given);
  },
);

test.concurrent('a run whose cancellation cannot be recorded is not cancelled', async () => {
  const given = aCase(shared.world, { name: 'hang-evaluation' });
  await given.start();
  await aJobRuns(shared.world, given);
  const trouble = shared.world.troubles.failsForGood('recordRun', saying(given, '"stage":"cancelling"'));
  await cancelRun(shared.world, given);
  await trouble.struck;
  await expectCancelled(given);
  trouble.lift();
});

const MODEL_CANCELLED = /Error deploying .*: the workflow that served .* was cancelled$/;

test.concurrent.each([
  ['deployModel', '', 'before'],
  ['deployModel', '', 'after'],
  ['tellPool', '"kind":"up"', 'before'],
  ['tellPool', '"kind":"up"', 'after'],
  ['watchDeployment', '', 'before'],
] as const)(
  'a served model that is cancelled at %s %s, %s it acts, is waited for',
  async (activity, says, point) => {
    const given = aCase(shared.world, { name: 'hang-evaluation' });
    const { stage, workflowId } = await heldAt(shared.world, given, activity, point, says);
    await shared.world.client.workflow.getHandle(workflowId).cancel();
    stage.lift();
    const job = await expectEnd(shared.world, given);
    expect(job).toMatchObject({ status: 'failed', error: expect.stringMatching(MODEL_CANCELLED) });
    await startDeletion(shared.world, given);
    await expectDeleted(shared.world, given);
  },
);

test.concurrent.each([
  ['awaitRunClosed', 'before'],
  ['awaitRunClosed', 'after'],
  ['stopJobsOfRun', 'before'],
  ['deleteDatasets', 'before'],
  ['deleteDatasets', 'after'],
  ['deleteRunRecord', 'before'],
] as const)('a deletion that is cancelled at %s, %s it acts, is never finished', async (activity, point) => {
  const given = aCase(shared.world);
  await given.start();
  await finished(shared.world.api, given.id);
  const stage = shared.world.troubles.holds(activity, given.calls, point);
  await startDeletion(shared.world, given);
  await stage.struck;
  await shared.world.client.workflow.getHandle(deleteWorkflowId(given.id)).cancel();
  stage.lift();
  await expectDeleted(shared.world, given, { swept: true });
});
