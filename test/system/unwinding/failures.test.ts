import { expect, test } from 'vitest';
import { modelSlug } from '../../../src/ids.js';
import { send } from '../../support/local-platform.js';
import { finished } from '../../support/observe.js';
import { type ActivityName, type Trouble, WAYS, type Way } from '../../support/troubles.js';
import {
  aCase,
  eventually,
  expectDeleted,
  expectEnd,
  jobsOf,
  saying,
  sharedTroubledWorld,
  startDeletion,
  type Case,
} from './cases.js';

// Every activity of a run and of its deletion fails: before it acts, after it acted but before its answer arrives, for
// good. What fails in passing changes nothing; what fails for good ends somehow, and leaves nothing.

const shared = sharedTroubledWorld();

interface Row {
  activity: ActivityName;
  /** What the call that fails says besides. */
  says?: string;
  isTrained?: boolean;
  /** Only these; default all. */
  ways?: readonly Way[];
}

/** Also how a run ends of which the activity fails for good, and the error that it, or its training, tells then. */
interface RunRow extends Row {
  ends: 'completed' | 'failed';
  error?: RegExp;
}

/** Told by the run while it is open, and by whoever asks for it afterwards. */
const UNRECORDED = /^a test forbids recordRun$|has ended as failed without finishing the job/;

const OF_RUNS: RunRow[] = [
  { activity: 'recordRun', ends: 'failed', error: UNRECORDED },
  { activity: 'recordRun', says: '"stage":"finished"', ends: 'failed', error: UNRECORDED },
  { activity: 'buildDatasets', ends: 'failed', error: /^a test forbids buildDatasets$/ },
  {
    activity: 'tellPool',
    says: '"kind":"request"',
    ends: 'failed',
    error: because('a test forbids tellPool'),
  },
  {
    activity: 'tellPool',
    says: '"kind":"release"',
    ends: 'failed',
    error: because('a test forbids tellPool'),
  },
  {
    activity: 'tellPool',
    says: '"kind":"up"',
    ends: 'failed',
    error: because('Error deploying .*: a test forbids tellPool'),
  },
  { activity: 'tellPool', says: '"kind":"freed"', ends: 'completed' },
  // It never answers.
  { activity: 'repeatRequests', ends: 'completed', ways: ['before', 'for good'] },
  { activity: 'sendLetters', ends: 'completed' },
  {
    activity: 'deployModel',
    ends: 'failed',
    error: because('Error deploying .*: a test forbids deployModel'),
  },
  // It answers only when a model dies.
  { activity: 'watchDeployment', ends: 'completed', ways: ['before', 'for good'] },
  { activity: 'undeployModel', ends: 'completed' },
  {
    activity: 'runCustomization',
    isTrained: true,
    ends: 'completed',
    error: /^Error customizing .*: a test forbids runCustomization$/,
  },
  {
    activity: 'runEvaluation',
    ends: 'failed',
    error: because('Error running base-eval evaluation: a test forbids runEvaluation'),
  },
  { activity: 'reportCandidate', ends: 'failed', error: because('a test forbids reportCandidate') },
];

const OF_DELETIONS: Row[] = [
  { activity: 'awaitRunClosed' },
  { activity: 'stopJobsOfRun' },
  { activity: 'deleteDatasets' },
  { activity: 'deleteCustomization', isTrained: true },
  { activity: 'deleteEvaluations' },
  { activity: 'deleteRunRecord' },
];

const troubled = ({ activity, says = '' }: Row, way: Way, given: Case): Trouble =>
  shared.world.troubles.fails(activity, saying(given, says), way);

const table = <R extends Row>(rows: R[]) =>
  rows.flatMap((row) =>
    (row.ways ?? WAYS).map((way) => [`${row.activity} ${row.says ?? ''}`, way, row] as const),
  );

test.concurrent.each(table(OF_RUNS))('%s that fails %s leaves something behind', async (_, way, row) => {
  const { isTrained = false } = row;
  const given = aCase(shared.world, { isTrained });
  const trouble = troubled(row, way, given);
  await given.start();
  await trouble.struck;
  if (way === 'for good') {
    // What is tried for ever ends when it may.
    if (row.activity === 'sendLetters') trouble.lift();
    await expectFinished(given, trouble, row);
    return;
  }
  const job = await expectEnd(shared.world, given);
  expect(job).toMatchObject({
    status: 'completed',
    error: null,
    nims: [{ status: 'completed', error: null }],
  });
  expect(await jobsOf(shared.world, given)).toEqual(isTrained ? [3, 1] : [2, 0]);
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
});

async function expectFinished(given: Case, trouble: Trouble, row: RunRow): Promise<void> {
  const job = await finished(shared.world.api, given.id);
  expect(job.status).toBe(row.ends);
  const error = job.error ?? job.nims[0]?.customizations[0]?.error ?? null;
  if (row.error) expect(error).toMatch(row.error);
  else expect(error).toBeNull();
  trouble.lift();
  await expectEnd(shared.world, given);
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
}

test.concurrent('a model that died is used on when the word of its death is lost', async () => {
  const given = aCase(shared.world, { name: 'hang-evaluation' });
  const trouble = shared.world.troubles.failsOnce('watchDeployment', given.calls, 'after');
  await given.start();
  await eventually(() => jobsOf(shared.world, given), [2, 0]);
  const { nemoUrl, config } = shared.world;
  const deployment = `${config.run.namespace}/${modelSlug(given.model)}`;
  await send('DELETE', `${nemoUrl}/v1/deployment/model-deployments/${deployment}`);
  await trouble.struck;
  const job = await expectEnd(shared.world, given);
  expect(job).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(because('Error deploying .*: its deployment is gone: somebody deleted it')),
  });
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
});

test.concurrent.each(table(OF_DELETIONS))('%s that fails %s leaves something behind', async (_, way, row) => {
  const { isTrained = false } = row;
  const given = aCase(shared.world, { isTrained });
  await given.start();
  await expectEnd(shared.world, given);
  const trouble = troubled(row, way, given);
  await startDeletion(shared.world, given);
  await trouble.struck;
  const isForGood = way === 'for good';
  trouble.lift();
  await expectDeleted(shared.world, given, { swept: isForGood });
});

function because(reason: string): RegExp {
  return new RegExp(`^No candidate produced a result\\. \\S+: ${reason}$`);
}
