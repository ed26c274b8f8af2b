import { expect, onTestFinished, test, vi } from 'vitest';
import { scheduleSweep } from '../../activities/index.js';
import { retirePool } from '../../src/cli/retire-pool.js';
import { SWEEP, sweepScheduleId } from '../../workflows/contract.js';
import { poolOf } from '../gpu-leases/holders.js';
import { Gate } from '../support/gate.js';
import { IN_TIME } from '../support/observe.js';
import { sweepInput, sweepNow } from '../support/sweep.js';
import { startWorld } from '../support/world.js';

vi.setConfig({ testTimeout: 120_000 });

test('a sweep that is under way when the pool retires has it come back', async () => {
  const gate = new Gate();
  const world = await startWorld({ gate });
  onTestFinished(() => world.close());
  // Which finds that there is no pool yet.
  await sweepNow(world);
  const { client, taskQueue } = world;
  await scheduleSweep(client, taskQueue, 3_600_000, sweepInput(world));
  const sweeps = async () => {
    const query = `TaskQueue = "${taskQueue}" AND WorkflowType = "${SWEEP}" AND ExecutionStatus = "Running"`;
    const found: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) found.push(workflowId);
    return found;
  };
  // The first may still be listed.
  await expect.poll(sweeps, IN_TIME).toEqual([]);
  const sweeping = gate.hold(/^GET \/v1\/customization\/jobs/);
  await client.schedule.getHandle(sweepScheduleId(taskQueue)).trigger();
  await sweeping.reached;
  await expect.poll(sweeps, IN_TIME).toHaveLength(1);
  const [sweep = ''] = await sweeps();
  let isRetired = false;
  const retiring = retirePool(client, taskQueue).finally(() => (isRetired = true));
  const handle = client.workflow.getHandle(sweep);
  const isCancelling = async () =>
    (await handle.describe()).raw.workflowExtendedInfo?.cancelRequested ?? false;
  await expect.poll(async () => isRetired || (await isCancelling()), IN_TIME).toBe(true);
  sweeping.open();
  await retiring;
  await handle.result().catch(() => undefined);
  expect((await poolOf(world).describe()).status.name).toBe('COMPLETED');
});
