import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, onTestFinished, test, vi } from 'vitest';
import { candidateWorkflowId } from '../../workflows/contract.js';
import { waiting } from '../gpu-leases/holders.js';
import { judgedBy } from '../gpu-leases/runs.js';
import { finished, IN_TIME } from '../support/observe.js';
import { orderLogs } from '../support/order-logs.js';
import { ENDLESS, startTrial, TINY } from '../support/trial-runs.js';
import { startWorld } from '../support/world.js';

vi.setConfig({ testTimeout: 240_000 });

/** After 10, 20 and 40 minutes, and then every hour. Temporal needs a second for each, however soon it is due. */
const REPETITIONS_OF_A_DAY = 3 + Math.ceil((24 * 60 - 70) / 60);
const LONGEST = 75;

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));

test('the history of a candidate that waits for GPUs for a day grows with each hour', async () => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: pathOf('../../workflows/index.ts'),
    workflowInterceptorModules: [pathOf('../gpu-leases/workflows/quick-repetitions.ts')],
    logger: new DefaultLogger('WARN'),
  });
  const world = await startWorld({ workflowBundle, gpuPool: { totalGpus: 1, passIntervalMs: 3_600_000 } });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  const trial = (model: string) => startTrial(world, { models: [model], configure: judgedBy(model) });
  const first = await trial(ENDLESS);
  // Its evaluations wait for its training.
  await waiting(world, 1);
  const second = await trial(TINY);
  await waiting(world, 3);
  const candidate = world.client.workflow.getHandle(candidateWorkflowId(second, TINY));
  const standing = async () => {
    const { raw, historyLength } = await candidate.describe();
    return { attempt: raw.pendingActivities?.[0]?.attempt ?? 0, historyLength };
  };
  await expect.poll(async () => (await standing()).attempt, IN_TIME).toBeGreaterThan(2);
  const before = (await standing()).historyLength;
  await expect.poll(async () => (await standing()).attempt, IN_TIME).toBeGreaterThan(REPETITIONS_OF_A_DAY);
  expect((await standing()).historyLength).toBe(before);

  await world.api.call('POST', `/api/jobs/${first}/cancel`);
  expect(await finished(world.api, second)).toMatchObject({ status: 'completed', error: null });
  expect((await candidate.describe()).historyLength).toBeLessThanOrEqual(LONGEST);
});
