import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, onTestFinished } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import { SCHEDULED_RUN, SERVED_MODEL, type ScheduledRunInput, type Swept } from '../../workflows/contract.js';
import { poolOf } from '../gpu-leases/holders.js';
import { IN_TIME } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { startSweep } from '../support/sweep.js';
import { startWorld, withModel, type World, type WorldOptions } from '../support/world.js';
import { HISTORIES_FOLDER } from './histories.js';
import type { Situation } from './situations.js';

/** A world with logs, whose runs try these models. */
export async function aWorld(
  models: string[],
  configure: (run: RunConfig) => void = () => undefined,
  options: WorldOptions = {},
): Promise<World> {
  const world = await startWorld({
    ...options,
    configure: (run) => {
      const [first] = run.candidates;
      run.candidates = models.flatMap((model) => (first ? [withModel(first, model)] : []));
      configure(run);
    },
  });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  return world;
}

export const start = (world: World, split: object = { eval_size: 15 }) =>
  world.api.start(ORDERS.workload, ORDERS.client, split);

/**
 * Waits for the own end of the workflow, or of that run of it, and writes what it did; nothing of this machine stays in
 * the file.
 */
export async function record(
  world: World,
  workflowId: string,
  name: Situation,
  run: string | null = null,
): Promise<void> {
  const { workflow } = world.client;
  // A late message may begin another run of a pool meanwhile.
  const runId = run ?? (await workflow.getHandle(workflowId).describe()).runId;
  const handle = workflow.getHandle(workflowId, runId);
  const isOver = async () => (await handle.describe()).status.name !== 'RUNNING';
  await expect.poll(isOver, { timeout: 30_000 }).toBe(true);
  const history = JSON.parse(historyToJSON(await handle.fetchHistory()), (key, value: unknown) =>
    key === 'identity' || key === 'stackTrace' ? 'recorded' : value,
  ) as unknown;
  mkdirSync(HISTORIES_FOLDER, { recursive: true });
  writeFileSync(`${HISTORIES_FOLDER}${name}.json.gz`, gzipSync(JSON.stringify(history), { level: 9 }));
}

/** The workflow that served a model. */
export async function servedModelOf(world: World, model: string): Promise<string> {
  const query = `TaskQueue = "${world.taskQueue}" AND FlywheelModel = "${model}" AND WorkflowType = "${SERVED_MODEL}"`;
  const find = async () => {
    for await (const { workflowId } of world.client.workflow.list({ query })) return workflowId;
    return null;
  };
  // Temporal lists what has started a moment later.
  await expect.poll(find, { timeout: 30_000 }).not.toBeNull();
  return (await find()) ?? '';
}

/** One turn of a schedule. */
export function startTurn(
  { config: { run }, client, taskQueue }: World,
  minNewRecords: number | null,
  name: string,
) {
  const input: ScheduledRunInput = {
    workloadId: ORDERS.workload,
    clientId: ORDERS.client,
    minNewRecords,
    requestHash: '',
    config: { ...run, split: { ...run.split, evalSize: 15 } },
  };
  const options = { taskQueue, workflowId: `${taskQueue}-${name}`, args: [input] };
  return client.workflow.start(SCHEDULED_RUN, options);
}

/** Ends the pool, and records it. */
export const retire = async (world: World, name: Situation) => {
  const recorded = record(world, poolOf(world).workflowId, name);
  await poolOf(world).cancel();
  await recorded;
};

/** Sweeps until something of that kind was found, and records the sweep that found it. */
export async function recordSweep(world: World, found: keyof Swept, name: Situation): Promise<void> {
  let workflowId = '';
  const sweep = async () => {
    const handle = await startSweep(world);
    workflowId = handle.workflowId;
    return (await handle.result())[found].length;
  };
  await expect.poll(sweep, { ...IN_TIME, interval: 1_000 }).toBeGreaterThan(0);
  await record(world, workflowId, name);
}
