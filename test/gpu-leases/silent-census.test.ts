import { randomBytes } from 'node:crypto';
import { workflowMetadataQuery } from '@temporalio/workflow';
import { expect, onTestFinished, test, vi } from 'vitest';
import { CANDIDATE } from '../../workflows/contract.js';
import { IN_TIME } from '../support/observe.js';
import type { World } from '../support/world.js';
import { aHolder, aWorldOfHolders, expectTidy, poolOf } from './holders.js';

vi.setConfig({ testTimeout: 180_000 });

/** A candidate that no worker can go on with, as after a version with a mistake: it answers no question. */
async function aSilentHolder({ client, taskQueue }: World) {
  const handle = await client.workflow.start(CANDIDATE, {
    workflowId: `flywheel-${randomBytes(12).toString('hex')}-silent`,
    taskQueue,
  });
  onTestFinished(async () => void (await handle.terminate().catch(() => undefined)));
  return handle;
}

test('nobody is told which workflow keeps a census from its end, and all others from GPUs', async () => {
  const world = await aWorldOfHolders({ gpuPool: { totalGpus: 1 } });
  const holds = await aHolder(world, { training: 1 });
  await holds.holds();
  const silent = await aSilentHolder(world);
  await poolOf(world).terminate('a test ends it');
  const waits = await aHolder(world, { training: 1 });

  const shown = async () => (await world.api.call('GET', '/api/gpu-pool')).body;
  await expect.poll(shown, IN_TIME).toMatchObject({
    census: true,
    census_problem: expect.stringContaining(`${silent.workflowId} does not say what it holds`) as string,
  });
  const { currentDetails } = await poolOf(world).query(workflowMetadataQuery);
  expect(currentDetails).toContain('who does not answer is named under the pending activities');
  expect(await waits.state()).toBe('waiting');

  await silent.terminate('a test ends it');
  await holds.letGo();
  await waits.holds();
  expect(await shown()).toMatchObject({ census: false, census_problem: null });
  await waits.letGo();
  await expectTidy(world);
});
