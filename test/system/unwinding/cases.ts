import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest';
import type { JobDetail } from '../../../src/gateway/wire.js';
import { modelSlug } from '../../../src/ids.js';
import type { RunConfig } from '../../../src/config/run-config.js';
import { keyedRunId } from '../../../src/gateway/run-id.js';
import { candidateWorkflowId, deleteWorkflowId } from '../../../workflows/contract.js';
import { stateOf } from '../../gpu-leases/holders.js';
import { judgedBy } from '../../gpu-leases/runs.js';
import { finished, IN_TIME, platformOf, platformState } from '../../support/observe.js';
import { ORDERS, orderLogs } from '../../support/order-logs.js';
import { sweepNow } from '../../support/sweep.js';
import { startTrial, untrained } from '../../support/trial-runs.js';
import { type ActivityName, type Point, type Trouble, Troubles } from '../../support/troubles.js';
import { startWorld, type World } from '../../support/world.js';

/** A world whose activities may be troubled. */
export type Troubled = World & { troubles: Troubles };

async function aTroubledWorld(): Promise<Troubled> {
  const troubles = new Troubles();
  const world = await startWorld({ between: troubles.between, gpuPool: { idleTtlMs: 100 } });
  await world.api.importRecords(orderLogs(10));
  return { ...world, troubles };
}

/** One for a test alone. */
export async function aWorldOfItsOwn(): Promise<Troubled> {
  const world = await aTroubledWorld();
  onTestFinished(() => world.close());
  return world;
}

/** One for all tests of a file, a few of which go on at once. */
export function sharedTroubledWorld(): { readonly world: Troubled } {
  vi.setConfig({ testTimeout: 240_000, maxConcurrency: 5 });
  let world: Troubled | undefined;
  beforeAll(async () => {
    world = await aTroubledWorld();
  });
  afterAll(() => world?.close());
  return {
    get world() {
      if (!world) throw new Error('the world begins with the first test');
      return world;
    },
  };
}

/** A run with a model of its own, that judges itself: whatever is called that is of this case alone. */
export interface Case {
  id: string;
  model: string;
  /** Calls of its workflows, or about it. */
  calls: RegExp;
  start(): Promise<void>;
}

/** What is read becomes so. Not `expect.poll`, which tests that go on at once cannot use. */
export const eventually = <T>(read: () => Promise<T>, becomes: T, interval = 100): Promise<void> =>
  vi.waitFor(async () => expect(await read()).toEqual(becomes), { ...IN_TIME, interval });

let cases = 0;
let starting: Promise<unknown> = Promise.resolve();

interface CaseOptions {
  /** Also what nemo-local provokes by a name. */
  name?: string;
  isTrained?: boolean;
  configure?: (run: RunConfig) => void;
}

export function aCase(world: World, { name = 'tiny', isTrained = false, configure }: CaseOptions = {}): Case {
  const number = (cases += 1);
  const model = `stand-in/case-${number}-${name}-1b`;
  const key = `${world.taskQueue}-${number}`;
  const id = keyedRunId(ORDERS.client, key);
  const begin = () =>
    startTrial(world, {
      models: [model],
      key,
      split: { eval_size: 6, min_total_records: 10 },
      configure: (run) => {
        judgedBy(model)(run);
        if (!isTrained) untrained(run);
        configure?.(run);
      },
    });
  return {
    id,
    model,
    calls: new RegExp(`${id}|case-${number}-`),
    async start() {
      // One after the other: each has a configuration of its own. A busy gateway may ask for another try.
      const started = starting.then(() => eventually(begin, id));
      starting = started.catch(() => undefined);
      await started;
    },
  };
}

/** The examples are compared by a model of the case's own, which the run itself asks for. */
export const embeddedBy = (model: string) => (run: RunConfig) => {
  const { deployment } = run.candidates[0]!;
  run.icl = {
    ...run.icl,
    selection: 'semantic_similarity',
    relevanceRatio: 0.7,
    embedding: { model, deployment },
  };
};

/** Calls of a case that say this. */
export const saying = ({ calls }: Pick<Case, 'calls'>, text: string): RegExp =>
  new RegExp(`(?=.*(?:${calls.source})).*${text}`);

/** Starts a case, and waits until a call of it is held that says this; with the id of the workflow that calls. */
export async function heldAt(
  { troubles }: Troubled,
  given: Pick<Case, 'calls' | 'start'>,
  activity: ActivityName,
  point: Point = 'before',
  says = '',
): Promise<{ stage: Trouble; workflowId: string }> {
  const stage = troubles.holds(activity, saying(given, says), point);
  await given.start();
  return { stage, workflowId: await stage.struck };
}

/** Waits until a job of a case runs. */
export async function aJobRuns(world: World, { id }: Case): Promise<void> {
  const isRunning = async () => {
    const { customizations, evaluations } = await platformOf(world.nemoUrl, id);
    return [...customizations, ...evaluations].some(({ status }) => status === 'running');
  };
  await eventually(isRunning, true);
}

/** Resolves when the run, and its candidate if that is open, know of it. */
export async function cancelRun(world: World, given: Case): Promise<void> {
  const { id, model } = given;
  await askToCancel(world, given);
  const isTold = async () => {
    const candidate = world.client.workflow.getHandle(candidateWorkflowId(id, model));
    const description = await candidate.describe().catch(() => null);
    if (description?.status.name !== 'RUNNING') return true;
    return description.raw.workflowExtendedInfo?.cancelRequested ?? true;
  };
  await eventually(isTold, true);
}

/** Resolves when Temporal has taken it. */
export async function askToCancel(world: World, { id }: Case): Promise<void> {
  const ask = async () => (await world.api.call('POST', `/api/jobs/${id}/cancel`)).status;
  await eventually(ask, 200);
}

const OVER = ['completed', 'failed', 'cancelled'];

/** What a case still has on the platform and in the pool. */
async function leftOf(world: World, { id, model }: Case) {
  const { models, trainings, queue } = await stateOf(world);
  const { deployments } = await platformState(world.nemoUrl);
  const { customizations, evaluations } = await platformOf(world.nemoUrl, id);
  return {
    leases: models.filter((lease) => lease.model === model).map(({ state, users }) => ({ state, users })),
    uses: [...trainings, ...queue].map(({ use }) => use).filter((use) => use.includes(id)),
    deployments: deployments.map(({ name }) => name).filter((name) => name === modelSlug(model)),
    running: [...customizations, ...evaluations].filter(({ status }) => !OVER.includes(status)),
  };
}

const NOTHING = { leases: [], uses: [], deployments: [], running: [] };

/** Asserts that nothing of a case is deployed, running or leased any more; where it may take sweeps, after them. */
export async function expectUnwound(world: World, given: Case, { swept = false } = {}): Promise<void> {
  const left = async () => {
    if (swept) await sweepNow(world);
    return await leftOf(world, given);
  };
  await eventually(left, NOTHING, swept ? 1_000 : 100);
}

/** Waits for the end of a run and asserts that it left nothing. */
export async function expectEnd(
  world: World,
  given: Case,
  options: { swept?: boolean } = {},
): Promise<JobDetail> {
  const job = await finished(world.api, given.id);
  await expectUnwound(world, given, options);
  return job;
}

/** Asserts that nothing at all is deployed, running or leased any more. */
export async function expectAllOver(world: World): Promise<void> {
  const left = async () => {
    const { models, trainings, queue, inUse } = await stateOf(world);
    const { deployments, customizations, evaluations, gpus } = await platformState(world.nemoUrl);
    const running = [...customizations, ...evaluations].filter(({ status }) => !OVER.includes(status));
    return { models, trainings, queue, inUse, deployments, running, gpus: gpus.inUse };
  };
  const nothing = { models: [], trainings: [], queue: [], deployments: [], running: [] };
  await eventually(left, { ...nothing, inUse: 0, gpus: 0 });
}

/** How many jobs were made for a run, whatever became of them. */
export async function jobsOf(world: World, { id }: Case): Promise<[evaluations: number, trainings: number]> {
  const { evaluations, customizations } = await platformOf(world.nemoUrl, id);
  return [evaluations.length, customizations.length];
}

export async function startDeletion(world: World, { id }: Case): Promise<void> {
  const ask = async () => (await world.api.call('DELETE', `/api/jobs/${id}`)).status;
  await eventually(ask, 200);
}

/** Asserts that a run whose deletion was asked for goes with all that it has made; where it may take sweeps, after them. */
export async function expectDeleted(world: World, { id }: Case, { swept = false } = {}): Promise<void> {
  const deletion = world.client.workflow.getHandle(deleteWorkflowId(id));
  const left = async () => {
    if (swept) await sweepNow(world);
    const { datasets, repositories, models, evaluations } = await platformOf(world.nemoUrl, id);
    const { status } = await world.api.call('GET', `/api/jobs/${id}`);
    const isDeleting = (await deletion.describe()).status.name === 'RUNNING';
    return { datasets, repositories, models, evaluations, status, isDeleting };
  };
  const nothing = { datasets: [], repositories: [], models: [], evaluations: [] };
  await eventually(left, { ...nothing, status: 404, isDeleting: false }, swept ? 1_000 : 100);
}
