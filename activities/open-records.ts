import type { Client } from '@temporalio/client';
import { installationOf } from '../src/installation.js';
import { OPEN_STATUSES, type RunRecord } from '../src/run-record.js';
import { closedRun, endedUnrecorded } from '../src/run-state.js';
import { type ListedRun, stillOpen } from '../src/stores/run-store.js';
import { type ClosedWorkflow, isClosedFor, workflowStanding } from '../src/workflow-standing.js';
import { runWorkflowId } from '../workflows/contract.js';
import type { Activities } from './contract.js';
import { inTurns } from './in-turns.js';
import type { ActivityServices } from './services.js';

type Services = Pick<ActivityServices, 'temporal' | 'runs'>;

/** Makes the closed record of an open one. */
type Closing = (record: RunRecord) => RunRecord;

const A_PAGE = 200;
const NEVER_BEGAN =
  'Not started: Temporal never had the workflow of this job, as its gateway ended before. Ask for it again.';

/**
 * Runs whose record is open, though their workflow has ended without recording that, or was never started. What Temporal
 * does not know any more may be another server's.
 */
export async function unclosedRuns(
  services: Services,
  taskQueue: string,
  graceMs: number,
): Promise<string[]> {
  const found: string[] = [];
  for await (const open of openRuns(services)) {
    const closings = await inTurns(open, (run) => closingOf(services, run, taskQueue, graceMs));
    found.push(...open.filter((_, i) => closings[i] !== null).map(({ runId }) => runId));
  }
  return found;
}

export const createRecordActivities = (services: ActivityServices): Pick<Activities, 'closeRecord'> => ({
  async closeRecord({ taskQueue, graceMs, runId }) {
    const { runs } = services;
    const record = await runs.get(runId);
    if (record === null || record.finishedAt !== null) return;
    const close = await closingOf(services, record, taskQueue, graceMs);
    if (close === null) return;
    // Of one that has gone on meanwhile the next sweep judges.
    await runs.replace(close(record), (stored) => stillOpen(stored) && stored.stage === record.stage);
  },
});

async function* openRuns({ runs }: Services): AsyncIterable<ListedRun[]> {
  for (const status of OPEN_STATUSES) {
    let cursor: string | null = null;
    do {
      const page = await runs.list({ status, limit: A_PAGE, ...(cursor !== null && { cursor }) });
      yield page.runs.filter(({ finishedAt }) => finishedAt === null);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

/** How the record of a run is closed that is over; null while it is not, or not for that long. */
async function closingOf(
  { temporal }: Services,
  run: ListedRun,
  taskQueue: string,
  graceMs: number,
): Promise<Closing | null> {
  const standing = await workflowStanding(temporal, runWorkflowId(run.runId));
  if (standing.status === 'unknown') return (await hasNeverBegun(temporal, run, graceMs)) ? unbegun : null;
  if (standing.status === 'open' || standing.taskQueue !== taskQueue) return null;
  return isClosedFor(standing, graceMs) ? endedAs(standing) : null;
}

const endedAs =
  ({ closedAs, closedAt }: ClosedWorkflow): Closing =>
  (record) =>
    closedRun(record, endedUnrecorded(closedAs), closedAt);

/** One that was queued for another Temporal may run there. */
async function hasNeverBegun(temporal: Client, run: ListedRun, graceMs: number): Promise<boolean> {
  const isLate = Date.now() - Date.parse(run.startedAt) > graceMs;
  if (run.stage !== 'queued' || !isLate) return false;
  return run.installation === (await installationOf(temporal));
}

/** It stays `queued`: the same Idempotency-Key may start it. */
const unbegun: Closing = (record) => ({
  ...record,
  status: 'failed',
  error: NEVER_BEGAN,
  finishedAt: new Date().toISOString(),
});
