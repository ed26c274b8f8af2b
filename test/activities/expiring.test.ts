import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createExpiryActivities, MOST_DELETIONS } from '../../activities/expiring.js';
import type { ActivityServices } from '../../activities/services.js';
import { openStores } from '../../src/stores/index.js';
import { StoreError } from '../../src/stores/store-error.js';
import { deleteWorkflowId } from '../../workflows/contract.js';
import { aRunId, asActivity, aTemporal } from '../support/activity-world.js';
import { IN_TIME } from '../support/observe.js';
import { exported, logRecord, runRecord } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';

async function aStore() {
  const { folder, remove } = await temporaryFolder();
  const stores = await openStores({ kind: 'duckdb', file: `${folder}/store.duckdb` });
  onTestFinished(async () => {
    await stores.close();
    await remove();
  });
  return stores;
}

const anOldRun = (n: number) =>
  runRecord(n, {
    ...{ runId: aRunId(), status: 'completed', stage: 'finished' },
    finishedAt: runRecord(n).startedAt,
  });

test('a hundred deletions that do not end keep all other old runs for ever', async () => {
  const temporal = aTemporal();
  const { logs, runs } = await aStore();
  // Nobody works on it.
  const taskQueue = `flywheel-${randomUUID()}`;
  const old = Array.from({ length: MOST_DELETIONS + 1 }, (_, n) => anOldRun(n));
  for (const run of old) await runs.put(run);
  // What the activity does not need is not there.
  const { expireRuns } = createExpiryActivities({ logs, runs, temporal } as ActivityServices);
  const expire = () => asActivity().run(expireRuns, { taskQueue, olderThanMs: 1 });

  const begun = new Set(await expire());
  expect(begun.size).toBe(MOST_DELETIONS);
  const [one, ...others] = old.filter(({ runId }) => begun.has(`run ${runId}`));
  const [left] = old.filter(({ runId }) => !begun.has(`run ${runId}`));
  expect(others).toHaveLength(MOST_DELETIONS - 1);
  await temporal.workflow.getHandle(deleteWorkflowId(one?.runId ?? '')).terminate('a test ends it');
  // Lists of workflows come a moment later than they do.
  const seen = () => temporal.workflow.count(`TaskQueue = "${taskQueue}"`).then(({ count }) => count);
  await expect.poll(seen, IN_TIME).toBe(MOST_DELETIONS);
  expect(await expire()).toEqual([`run ${left?.runId}`]);
});

test.each([true, false])(
  'a workload that cannot be deleted (in passing: %s) keeps the records of the others, or is not named',
  async (retryable) => {
    const { logs, runs } = await aStore();
    const workloads = ['a', 'b', 'c'];
    await logs.append(workloads.map((workload_id) => logRecord(1, { workload_id })));
    const deleteBefore = logs.deleteBefore.bind(logs);
    logs.deleteBefore = (query) =>
      query.workloadId === 'c'
        ? deleteBefore(query)
        : Promise.reject(new StoreError(`${query.workloadId} is broken`, { retryable }));
    // What the activity does not need is not there.
    const { expireRecords } = createExpiryActivities({ logs, runs } as ActivityServices);
    await expect(asActivity().run(expireRecords, { olderThanMs: 1 })).rejects.toMatchObject({
      message: 'shop / a: a is broken; shop / b: b is broken',
      retryable,
    });
    const left = await Promise.all(workloads.map((workloadId) => exported(logs, { workloadId })));
    expect(left.map((records) => records.length)).toEqual([1, 1, 0]);
  },
);
