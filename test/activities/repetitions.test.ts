import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRepetitionActivities } from '../../activities/repetitions.js';
import { newCandidateState, type CandidateState, type Funnel } from '../../src/run-record.js';
import { openStores } from '../../src/stores/index.js';
import { newEvaluation } from '../../src/run-state.js';
import { logRecord, runRecord, SOME_MS } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function aStore() {
  const { folder, remove } = await temporaryFolder();
  const stores = await openStores({ kind: 'duckdb', file: join(folder, 'flywheel.duckdb') });
  onTestFinished(async () => {
    await stores.close();
    await remove();
  });
  return { ...stores, activities: createRepetitionActivities(stores) };
}

const read = (records: number): Funnel => ({
  read: records,
  rejected: [],
  duplicates: 0,
  conflicts: 0,
  beyondLimit: 0,
  evaluation: 0,
  training: 0,
  ...{
    validation: 0,
    untrained: [],
    conversations: 0,
    nearDuplicates: null,
    sharedConversations: 0,
    seed: 1,
  },
});

/** Records of other seconds: some before the run that began at `SOME_MS`, some after. */
const records = (earlier: number, later: number) => [
  ...Array.from({ length: earlier }, (_, i) => logRecord(-1 - i)),
  ...Array.from({ length: later }, (_, i) => logRecord(1 + i)),
];

const CHECKOUT = { workloadId: 'checkout', clientId: 'shop' };

test.each([
  // read by the run before; there now: of times before that run, and after; new at least
  ['nothing came', 10, 10, 0, 0],
  ['records came', 10, 10, 4, 4],
  ['old records were imported late', 10, 17, 0, 7],
  ['some came and old ones were imported late', 10, 17, 4, 11],
  ['retention has removed some, and others came', 100, 10, 4, 4],
  ['retention has removed some, and none came', 100, 10, 0, 0],
  ['retention has removed all that was read', 100, 0, 4, 4],
  ['more old ones were imported late than retention has removed', 10, 15, 4, 9],
])(
  'when %s, new records are overlooked or old ones counted',
  async (_, before, earlier, later, newRecords) => {
    const { logs, runs, activities } = await aStore();
    // Neither what failed or was earlier nor what is another's says what has been read.
    await runs.put(runRecord(1, { status: 'completed', funnel: read(1_000) }));
    await runs.put(runRecord(2, { status: 'completed', funnel: read(before) }));
    await runs.put(runRecord(3, { status: 'failed', funnel: read(0) }));
    await runs.put(runRecord(4, { status: 'completed', funnel: read(0), clientId: 'other' }));
    await runs.put(runRecord(5, { status: 'completed', funnel: read(0), workloadId: 'other' }));
    await logs.append(records(earlier, later));
    expect(await activities.countNewRecords(CHECKOUT)).toEqual({ newRecords, previous: runRecord(2).runId });
  },
);

test('what came while a run waited to read, and was read by it, is counted as new', async () => {
  const { logs, runs, activities } = await aStore();
  const readingBeganAt = new Date(SOME_MS + 4_500).toISOString();
  await runs.put(runRecord(1, { status: 'completed', funnel: read(14), readingBeganAt }));
  await logs.append(records(10, 6));
  expect(await activities.countNewRecords(CHECKOUT)).toMatchObject({ newRecords: 2 });
});

test('what no completed run has read is not new', async () => {
  const { logs, runs, activities } = await aStore();
  await runs.put(runRecord(1, { status: 'cancelled', funnel: read(5) }));
  await logs.append([...records(3, 2), logRecord(3, { client_id: 'other' })]);
  expect(await activities.countNewRecords(CHECKOUT)).toEqual({ newRecords: 5, previous: null });
});

test('a run that has been deleted is compared with, or one that is there is not', async () => {
  const { runs, activities } = await aStore();
  const before = runRecord(1, { status: 'completed', candidates: [measured(0.5)] });
  await runs.put(before);
  const input = { runId: before.runId, candidates: [measured(0.75)] };
  expect(await activities.compareWithRun(input)).toMatchObject({
    runId: before.runId,
    startedAt: before.startedAt,
    candidates: [{ experiments: [{ scores: [{ before: { value: 0.5 }, now: { value: 0.75 } }] }] }],
  });
  await runs.delete(before.runId);
  expect(await activities.compareWithRun(input)).toBeNull();
});

function measured(value: number): CandidateState {
  const score = { key: 'similarity', value, n: 10, failed: 0, interval: null, difference: null };
  const evaluation = newEvaluation('base', new Date(SOME_MS).toISOString());
  return {
    ...newCandidateState('stand-in/tiny-1b'),
    evaluations: [{ ...evaluation, status: 'completed', scores: [score] }],
  };
}
