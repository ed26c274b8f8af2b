import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { expect, onTestFinished } from 'vitest';
import type { GpuPoolState, HeldUse, ModelNeed, Needs } from '../../src/gpu-pool.js';
import { CANDIDATE, gpuPoolWorkflowId, held, leases } from '../../workflows/contract.js';
import { deployedByUs, IN_TIME } from '../support/observe.js';
import { startWorld, type World, type WorldOptions } from '../support/world.js';
import { letGo, type HolderInput } from './workflows/index.js';

// Workflows that hold GPUs until a test lets them go: what candidates do, with the work left out.

const pathOf = (name: string): string => fileURLToPath(new URL(`workflows/${name}.ts`, import.meta.url));

/** The program's workflows and holders, behind the interceptors of a module beside them. */
export const bundleOfHolders = (...interceptors: string[]): Promise<{ code: string }> =>
  bundleWorkflowCode({
    workflowsPath: pathOf('index'),
    workflowInterceptorModules: interceptors.map(pathOf),
    logger: new DefaultLogger('WARN'),
  });

let bundle: Promise<{ code: string }> | undefined;

/** A world whose candidates do nothing but hold. */
export async function aWorldOfHolders(options: WorldOptions = {}): Promise<World> {
  const workflowBundle = options.workflowBundle ?? (await (bundle ??= bundleOfHolders()));
  const world = await startWorld({ ...options, workflowBundle });
  onTestFinished(() => world.close());
  return world;
}

export const aModel = (model: string, gpus = 1, tag = '1'): ModelNeed => ({
  model,
  namespace: 'test',
  deployment: { kind: 'managed', image: `registry/${model}`, tag, gpus, pvcSize: null },
});

export interface Holder {
  id: string;
  handle: WorkflowHandle;
  /** waiting, holding, or null. */
  state(): Promise<HeldUse['state'] | null>;
  /** Resolves when it holds what it asked for. */
  holds(): Promise<void>;
  letGo(): Promise<void>;
}

export async function aHolder(world: World, needs: Needs, { forever = false } = {}): Promise<Holder> {
  const id = `flywheel-${randomBytes(12).toString('hex')}-holder`;
  const input: HolderInput = { needs, timing: world.config.run.timing, forever };
  const { workflow } = world.client;
  const handle = await workflow.start(CANDIDATE, {
    workflowId: id,
    taskQueue: world.taskQueue,
    args: [input],
  });
  onTestFinished(async () => void (await handle.terminate().catch(() => undefined)));
  const state = async () => (await handle.query(held))[0]?.state ?? null;
  return {
    id,
    handle,
    state,
    holds: () => expect.poll(state, IN_TIME).toBe('holding'),
    letGo: () => handle.signal(letGo),
  };
}

export const poolOf = (world: World): WorkflowHandle =>
  world.client.workflow.getHandle(gpuPoolWorkflowId(world.taskQueue));

export const stateOf = (world: World): Promise<GpuPoolState> => poolOf(world).query(leases);

/** Resolves when so many wait, whoever they are. */
export const waiting = (world: World, count: number): Promise<void> =>
  expect.poll(async () => (await stateOf(world)).queue.length, IN_TIME).toBe(count);

/** Asserts that nobody holds anything, nothing is deployed by us and no job runs, within the idle time and a pass. */
export async function expectTidy(world: World): Promise<void> {
  await expect
    .poll(async () => {
      const { models, trainings, queue, inUse } = await stateOf(world);
      return { models, trainings, queue, inUse };
    }, IN_TIME)
    .toEqual({ models: [], trainings: [], queue: [], inUse: 0 });
  expect(await deployedByUs(world.nemoUrl)).toEqual([]);
}
