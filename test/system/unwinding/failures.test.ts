import { expect, test } from 'vitest';
import { finished } from '../../support/observe.js';
import type { Troubles, ActivityName, Trouble } from '../../support/troubles.js';
import {
  aCase,
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
}

const OF_RUNS: Row[] = [
  { activity: 'recordRun' },
  { activity: 'buildDatasets' },
  { activity: 'tellPool', says: '"kind":"request"' },
  { activity: 'tellPool', says: '"kind":"release"' },
  { activity: 'tellPool', says: '"kind":"up"' },
  { activity: 'tellPool', says: '"kind":"freed"' },
  { activity: 'sendLetters' },
  { activity: 'deployModel' },
  { activity: 'undeployModel' },
  { activity: 'runCustomization', isTrained: true },
  { activity: 'runEvaluation' },
  { activity: 'reportCandidate' },
];

const OF_DELETIONS: Row[] = [
  { activity: 'awaitRunClosed' },
  { activity: 'deleteDatasets' },
  { activity: 'deleteCustomization', isTrained: true },
  { activity: 'deleteEvaluations' },
  { activity: 'deleteRunRecord' },
];

const WAYS = {
  'before it acts': (troubles: Troubles, { activity, says = '' }: Row, given: Case): Trouble =>
    troubles.failsOnce(activity, saying(given, says), 'before'),
  'after it acted': (troubles: Troubles, { activity, says = '' }: Row, given: Case): Trouble =>
    troubles.failsOnce(activity, saying(given, says), 'after'),
  'for good': (troubles: Troubles, { activity, says = '' }: Row, given: Case): Trouble =>
    troubles.failsForGood(activity, saying(given, says)),
};
type Way = keyof typeof WAYS;

const table = (rows: Row[]) =>
  rows.flatMap((row) =>
    (Object.keys(WAYS) as Way[]).map((way) => [`${row.activity} ${row.says ?? ''}`, way, row] as const),
  );

test.concurrent.each(table(OF_RUNS))('%s that fails %s leaves something behind', async (_, way, row) => {
  const { isTrained = false } = row;
  const given = aCase(shared.world, { isTrained });
  const trouble = WAYS[way](shared.world.troubles, row, given);
  await given.start();
  await trouble.struck;
  if (way === 'for good') {
    // What is tried for ever ends when it may.
    if (row.activity === 'sendLetters') trouble.lift();
    await expectFinished(given, trouble);
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

async function expectFinished(given: Case, trouble: Trouble): Promise<void> {
  await finished(shared.world.api, given.id);
  trouble.lift();
  await expectEnd(shared.world, given);
  await startDeletion(shared.world, given);
  await expectDeleted(shared.world, given);
}

test.concurrent.each(table(OF_DELETIONS))('%s that fails %s leaves something behind', async (_, way, row) => {
  const { isTrained = false } = row;
  const given = aCase(shared.world, { isTrained });
  await given.start();
  await expectEnd(shared.world, given);
  const trouble = WAYS[way](shared.world.troubles, row, given);
  await startDeletion(shared.world, given);
  await trouble.struck;
  const isForGood = way === 'for good';
  trouble.lift();
  await expectDeleted(shared.world, given, { swept: isForGood });
});
