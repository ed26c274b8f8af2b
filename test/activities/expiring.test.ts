import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createExpiryActivities } from '../../activities/expiring.js';
import type { ActivityServices } from '../../activities/services.js';
import { openStores } from '../../src/stores/index.js';
import { deleteWorkflowId } from '../../workflows/contract.js';
import { aRunId, asActivity, aTemporal } from '../support/activity-world.js';
import { IN_TIME } from '../support/observe.js';
import { runRecord } from '../support/stores.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const MOST_IN_A_SWEEP = 100;

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
  const old = Array.from({ length: MOST_IN_A_SWEEP + 1 }, (_, n) => anOldRun(n));
  for (const run of old) await runs.put(run);
  // What the activity does not need is not there.
  const { expireRuns } = createExpiryActivities({ logs, runs, temporal } as ActivityServices);
  const expire = () => asActivity().run(expireRuns, { taskQueue, olderThanMs: 1 });

  const begun = new Set(await expire());
  expect(begun.size).toBe(MOST_IN_A_SWEEP);
  const [one, ...others] = old.filter(({ runId }) => begun.has(`run ${runId}`));
  const [left] = old.filter(({ runId }) => !begun.has(`run ${runId}`));
  expect(others).toHaveLength(MOST_IN_A_SWEEP - 1);
  await temporal.workflow.getHandle(deleteWorkflowId(one?.runId ?? '')).terminate('a test ends it');
  // Lists of workflows come a moment later than they do.
  const seen = () => temporal.workflow.count(`TaskQueue = "${taskQueue}"`).then(({ count }) => count);
  await expect.poll(seen, IN_TIME).toBe(MOST_IN_A_SWEEP);
  expect(await expire()).toEqual([`run ${left?.runId}`]);
});
