import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, onTestFinished } from 'vitest';
import type { RunConfig } from '../../src/config/run-config.js';
import { SERVED_MODEL } from '../../workflows/contract.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { startWorld, withModel, type World, type WorldOptions } from '../support/world.js';
import { HISTORIES_FOLDER } from './histories.js';

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
  name: string,
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
