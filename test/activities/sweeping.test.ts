import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ActivityServices } from '../../activities/services.js';
import { createSweepActivities } from '../../activities/sweeping.js';
import { createNemo } from '../../src/nemo/index.js';
import { openStores } from '../../src/stores/index.js';
import { DELETE_RUN, deleteWorkflowId, FLYWHEEL_RUN, runWorkflowId } from '../../workflows/contract.js';
import { aRunId, asActivity, aTemporal } from '../support/activity-world.js';
import { aFolder, aPlatform } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { elasticsearchConfig, runRecord } from '../support/stores.js';

// What is away keeps a sweep from nothing else.

const NOBODY = 'http://127.0.0.1:1';
const GRACE_MS = 1;

/** A sweep where a deletion was terminated, and a run whose record is open; no pool is there. */
async function aWorld({ nemoIsAway = false, storeIsAway = false }) {
  const temporal = aTemporal();
  const taskQueue = `flywheel-${randomUUID()}`;
  const terminated = async (type: string, workflowId: string) => {
    await (await temporal.workflow.start(type, { workflowId, taskQueue })).terminate('a test ends it');
  };
  const [deleted, open] = [aRunId(), aRunId()];
  await terminated(DELETE_RUN, deleteWorkflowId(deleted));
  await terminated(FLYWHEEL_RUN, runWorkflowId(open));
  const listed = async () =>
    (
      await temporal.workflowService.countWorkflowExecutions({
        namespace: 'default',
        query: `TaskQueue = "${taskQueue}" AND ExecutionStatus = "Terminated"`,
      })
    ).count?.toNumber();
  await expect.poll(listed, IN_TIME).toBe(2);

  const stores = await openStores(
    storeIsAway
      ? elasticsearchConfig(NOBODY)
      : { kind: 'duckdb', file: path.join(await aFolder(), 'flywheel.duckdb') },
  );
  onTestFinished(() => stores.close());
  if (!storeIsAway) {
    const ended = { status: 'completed', stage: 'finished', finishedAt: new Date().toISOString() } as const;
    await stores.runs.create(runRecord(1, { runId: deleted, ...ended }));
    await stores.runs.create(runRecord(2, { runId: open, status: 'running', stage: 'trying-candidates' }));
  }
  const platform = nemoIsAway ? { nemoUrl: NOBODY, nimUrl: NOBODY, dataStoreUrl: NOBODY } : await aPlatform();
  const nemo = createNemo({ ...platform, hfToken: 'nothing', embeddingApiKey: null });
  // What the activity does not need is not there.
  const { findLeftovers } = createSweepActivities({ temporal, nemo, runs: stores.runs } as ActivityServices);
  return { deleted, open, found: () => asActivity().run(findLeftovers, { taskQueue, graceMs: GRACE_MS }) };
}

const NOTHING = { deployments: [], trainings: [], evaluations: [], datasets: [], models: [] };

test('without its store a sweep wakes no pool', async () => {
  const { found } = await aWorld({ storeIsAway: true });
  expect(await found()).toEqual({ pool: 'none', ...NOTHING, deletions: [], unclosed: [] });
});

test('without NeMo a sweep wakes no pool, closes no record, or goes on with no deletion', async () => {
  const { found, deleted, open } = await aWorld({ nemoIsAway: true });
  expect(await found()).toEqual({ pool: 'none', ...NOTHING, deletions: [deleted], unclosed: [open] });
});
