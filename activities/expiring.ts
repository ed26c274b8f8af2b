import type { Client } from '@temporalio/client';
import type { LogStore } from '../src/stores/log-store.js';
import { openRunOf } from '../src/stores/open-run.js';
import type { RunStore } from '../src/stores/run-store.js';
import { StoreError } from '../src/stores/store-error.js';
import { beating } from './beating.js';
import type { Activities } from './contract.js';
import { type DeletionState, deletionsOf, startDeletion } from './deletions.js';
import type { ActivityServices } from './services.js';

const PAGE_RUNS = 200;
/** Begun in one sweep: each is a workflow with a dozen calls to the platform. The next sweep goes on. */
export const MOST_DELETIONS = 100;

/** What goes because it is old enough; never what belongs to a run that is open. */
export function createExpiryActivities({
  logs,
  runs,
  temporal,
}: ActivityServices): Pick<Activities, 'expireRecords' | 'expireRuns'> {
  return {
    expireRecords: ({ olderThanMs }) => beating(null, expireRecords(logs, runs, Date.now() - olderThanMs)),
    expireRuns: ({ taskQueue, olderThanMs }) =>
      beating(null, expireRuns(temporal, runs, taskQueue, Date.now() - olderThanMs)),
  };
}

/** A workload that cannot be deleted keeps none of the others; a store that is away does not answer for the next one. */
async function expireRecords(logs: LogStore, runs: RunStore, before: number): Promise<string[]> {
  const expired: string[] = [];
  const left: { workload: string; error: StoreError }[] = [];
  for (const { clientId, workloadId } of await logs.workloads()) {
    // Asked each time: a deletion may take minutes, in which runs begin.
    if (await openRunOf(runs, { clientId, workloadId })) continue;
    const workload = `${clientId} / ${workloadId}`;
    try {
      const count = await logs.deleteBefore({ clientId, workloadId, before });
      if (count > 0) expired.push(`${count} records of ${workload}`);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      left.push({ workload, error });
    }
  }
  if (left.length === 0) return expired;
  throw new StoreError(left.map(({ workload, error }) => `${workload}: ${error.message}`).join('; '), {
    retryable: left.some(({ error }) => error.retryable),
  });
}

/** Deletes them as a caller of the API would, with all that they left on the platform. */
async function expireRuns(
  temporal: Client,
  runs: RunStore,
  taskQueue: string,
  before: number,
): Promise<string[]> {
  const expired: string[] = [];
  const deletions = await deletionsOf(temporal, taskQueue);
  let cursor: string | null = null;
  do {
    const page = await runs.list({ limit: PAGE_RUNS, ...(cursor !== null && { cursor }) });
    const old = page.runs.filter(({ startedAt }) => isBefore(startedAt, before));
    for (const { runId, finishedAt } of old) {
      if (!isBefore(finishedAt, before) || isLeftToOthers(deletions.get(runId))) continue;
      const run = await runs.get(runId);
      if (run === null) continue;
      await startDeletion(temporal, taskQueue, run, 'which is old enough');
      expired.push(`run ${runId}`);
      if (expired.length === MOST_DELETIONS) return expired;
    }
    // They come in the order of their submission: behind a page of young ones there are no old ones.
    cursor = old.length > 0 ? page.nextCursor : null;
  } while (cursor !== null);
  return expired;
}

/**
 * Its deletion is under way; or it was broken off, and the sweep itself goes on with it: begun here, those would keep the
 * others from their turn for ever.
 */
const isLeftToOthers = (deletion: DeletionState | undefined): boolean =>
  deletion === 'open' || deletion === 'broken-off';

/** Not of a time that is still to come. */
const isBefore = (iso: string | null, epochMs: number): boolean => iso !== null && Date.parse(iso) < epochMs;
