import type { Client } from '@temporalio/client';
import { cancellationSignal, log } from '@temporalio/activity';
import type { GpuPoolState, ModelNeed } from '../src/gpu-pool.js';
import { messageOf } from '../src/message-of.js';
import { ServiceError } from '../src/nemo/service-error.js';
import { StoreError } from '../src/stores/store-error.js';
import { isClosedFor, workflowStanding } from '../src/workflow-standing.js';
import { candidateWorkflowId, gpuPoolWorkflowId, leases } from '../workflows/contract.js';
import { ask } from './ask.js';
import type { Activities, EvaluationName, Leftovers } from './contract.js';
import { deletionsOf, startDeletion } from './deletions.js';
import { isFinal } from './failures.js';
import { inTurns } from './in-turns.js';
import { deployingPool, ownTrainings } from './installation.js';
import { unclosedRuns } from './open-records.js';
import type { ActivityServices } from './services.js';

/** What sees, and in the end removes, what nobody knows of any more. What another installation made is left alone. */
export function createSweepActivities(
  services: ActivityServices,
): Pick<Activities, 'findLeftovers' | 'resumeDeletion'> {
  const { temporal, nemo, runs } = services;
  return {
    async findLeftovers({ taskQueue, graceMs }) {
      // What is there first, the ledger second: a lease is older than its deployment and its job.
      const signal = cancellationSignal();
      const pool = gpuPoolWorkflowId(taskQueue);
      const us = await deployingPool(temporal, pool);
      // At once: each may hang for a minute.
      const [deployments, trainings, evaluations] = await Promise.all([
        unlessAway(nemo.deployments.ofPool(us, signal), []),
        unlessAway(nemo.customizer.running(signal), []),
        unlessAway(nemo.evaluator.running(signal), []),
      ]);
      const ledger = await ledgerOf(temporal, pool);
      const isKnown = ledger !== null && !ledger.census;
      return {
        pool: ledger === null ? 'none' : ledger.census ? 'census' : 'serving',
        deployments: isKnown ? unleased(deployments, ledger) : [],
        trainings: isKnown ? await unknownUses(temporal, taskQueue, trainings, ledger) : [],
        evaluations: await ownerless(temporal, taskQueue, graceMs, evaluations),
        ...(await unlessAway(unfinishedDeletions(services, taskQueue), NO_DELETIONS)),
        unclosed: await unlessAway(unclosedRuns(services, taskQueue, graceMs), []),
      };
    },

    async resumeDeletion({ taskQueue, runId }) {
      const record = await runs.get(runId);
      if (record) await startDeletion(temporal, taskQueue, record, 'which was broken off');
    },
  };
}

const NO_DELETIONS = { datasets: [], models: [], deletions: [] };

/** While a store or the platform is away all else is looked for and ended; the next sweep sees to the rest. */
async function unlessAway<T>(looking: Promise<T>, nothing: T): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    if (!isAway(error)) throw error;
    log.warn(`left for the next sweep: ${messageOf(error)}`);
    return nothing;
  }
}

const isAway = (error: unknown): boolean =>
  (error instanceof StoreError && error.retryable) || (error instanceof ServiceError && !isFinal(error));

/** null: there is no pool. */
async function ledgerOf(temporal: Client, pool: string): Promise<GpuPoolState | null> {
  const { status } = await workflowStanding(temporal, pool);
  return status === 'open' ? await ask<GpuPoolState>(temporal, pool, leases.name) : null;
}

const unleased = (deployments: readonly ModelNeed[], { models }: GpuPoolState): ModelNeed[] =>
  deployments.filter(({ model }) => !models.some((lease) => lease.model === model));

/** Running trainings of workflows of ours whose uses stand in no ledger. */
async function unknownUses(
  temporal: Client,
  taskQueue: string,
  running: readonly { use: string }[],
  { trainings, queue }: GpuPoolState,
): Promise<string[]> {
  const known = new Set([...trainings, ...queue].map(({ use }) => use));
  const lost = running.filter(({ use }) => !known.has(use));
  return (await ownTrainings(temporal, taskQueue, lost)).map(({ use }) => use);
}

/** Running evaluations of candidates of ours that have ended. */
async function ownerless(
  temporal: Client,
  taskQueue: string,
  graceMs: number,
  running: readonly EvaluationName[],
): Promise<EvaluationName[]> {
  const owners = await inTurns(running, ({ runId, candidate }) =>
    workflowStanding(temporal, candidateWorkflowId(runId, candidate)),
  );
  return running.filter((_, i) => {
    const owner = owners[i];
    return owner?.taskQueue === taskQueue && isClosedFor(owner, graceMs);
  });
}

/** Runs with a record were not deleted to the end; whatever is there of the others came too late. */
async function unfinishedDeletions(
  { temporal, nemo, runs }: ActivityServices,
  taskQueue: string,
): Promise<Pick<Leftovers, 'datasets' | 'models' | 'deletions'>> {
  const signal = cancellationSignal();
  const begun = await deletionsOf(temporal, taskQueue);
  const [datasets, models] = await Promise.all([
    unlessAway(nemo.entityStore.datasetsOfRuns(signal), []),
    unlessAway(nemo.entityStore.modelsOfRuns(signal), []),
  ]);
  const left = new Set([...datasets, ...models].map(({ runId }) => runId));
  const deletions: string[] = [];
  const deleted = new Set<string>();
  for (const [runId, standing] of begun) {
    if (standing === 'open' || (standing === 'completed' && !left.has(runId))) continue;
    if ((await runs.get(runId)) === null) deleted.add(runId);
    else if (standing === 'broken-off') deletions.push(runId);
  }
  const ofDeleted = <T extends { runId: string }>(all: T[]) => all.filter(({ runId }) => deleted.has(runId));
  return {
    datasets: ofDeleted(datasets).map(({ namespace, name }) => ({ namespace, name })),
    models: ofDeleted(models).map(({ id }) => id),
    deletions,
  };
}
