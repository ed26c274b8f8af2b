import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import { createRunActivities } from '../../activities/run-records.js';
import type { ActivityServices } from '../../activities/services.js';
import type { RunRecord } from '../../src/run-record.js';
import { openStores } from '../../src/stores/index.js';
import { DELETE_RUN, deleteWorkflowId } from '../../workflows/contract.js';
import { anActivityEnvironment } from '../support/activity-environment.js';
import { aRunId, aTemporal } from '../support/activity-world.js';
import { runRecord } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// A worker that was frozen for long finds, when it goes on, that its attempt was given up and the run has gone on without.

const ENDED_AT = '2026-01-01T12:00:00.000Z';
const BEFORE = Date.parse(ENDED_AT) - 1;
const AFTER = Date.parse(ENDED_AT) + 1;

async function recording() {
  const { folder, remove } = await temporaryFolder();
  const { runs } = await openStores({ kind: 'duckdb', file: path.join(folder, 'flywheel.duckdb') });
  onTestFinished(async () => {
    await runs.close();
    await remove();
  });
  const temporal = aTemporal();
  // What the activity does not need is not there.
  const { recordRun } = createRunActivities({ runs, temporal } as ActivityServices);
  const record = (run: RunRecord, scheduledTimestampMs: number, recorded = recordRun) =>
    anActivityEnvironment({ scheduledTimestampMs }).run(recorded, { run });
  const runId = aRunId();
  const open = runRecord(1, { runId, status: 'running', stage: 'trying-candidates' });
  const ended = runRecord(1, { runId, status: 'completed', stage: 'finished', finishedAt: ENDED_AT });
  const kept = async () => await runs.get(runId);
  return { runs, temporal, record, runId, open, ended, kept };
}

test('a record from before the end of a run takes the end back', async () => {
  const { record, open, ended, kept } = await recording();
  await record(open, BEFORE);
  await record(ended, BEFORE);
  await record(open, BEFORE);
  expect(await kept()).toEqual(ended);
});

test('a run that was reset after its end is not shown open, or not with its second end', async () => {
  const { record, open, ended, kept } = await recording();
  await record(ended, BEFORE);
  await record(open, AFTER);
  expect(await kept()).toEqual(open);
  const again = { ...ended, finishedAt: new Date(AFTER).toISOString() };
  await record(again, AFTER);
  expect(await kept()).toEqual(again);
});

test('a run whose start was taken for failed stays failed, though it runs', async () => {
  const { runs, record, open, ended, kept } = await recording();
  await runs.create({ ...ended, status: 'failed', stage: 'queued', error: 'Not started' });
  await record(open, BEFORE);
  expect(await kept()).toEqual(open);
});

test('a run that a schedule has started gets no record', async () => {
  const { record, open, kept } = await recording();
  await record(open, BEFORE);
  expect(await kept()).toEqual(open);
});

test.each([
  ['open', false],
  ['over', true],
])('a record brings back a run whose deletion is %s', async (_, isOver) => {
  const { temporal, record, runId, open, kept } = await recording();
  const workflowId = deleteWorkflowId(runId);
  const deletion = await temporal.workflow.start(DELETE_RUN, { workflowId, taskQueue: `nobody-${runId}` });
  onTestFinished(async () => void (await deletion.terminate().catch(() => undefined)));
  if (isOver) await deletion.terminate();
  await record(open, BEFORE);
  expect(await kept()).toBeNull();
});

test('an attempt that cannot ask Temporal leaves the record of a deleted run to the next', async () => {
  const { runs, temporal, record, runId, open, kept } = await recording();
  const workflowId = deleteWorkflowId(runId);
  await (await temporal.workflow.start(DELETE_RUN, { workflowId, taskQueue: `nobody-${runId}` })).terminate();
  const connection = Connection.lazy();
  await connection.close();
  const away = createRunActivities({ runs, temporal: new Client({ connection }) } as ActivityServices);
  await expect(record(open, BEFORE, away.recordRun)).rejects.toThrow();
  await record(open, BEFORE);
  expect(await kept()).toBeNull();
});
