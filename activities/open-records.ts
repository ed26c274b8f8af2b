import type { Client } from '@temporalio/client';
import { installationOf } from '../src/installation.js';
import { OPEN_STATUSES, type RunRecord } from '../src/run-record.js';
import { closedRun, endedUnrecorded } from '../src/run-state.js';
import { stillOpen } from '../src/stores/run-store.js';
import { type ClosedWorkflow, isClosedFor, workflowStanding } from '../src/workflow-standing.js';
import { runWorkflowId } from '../workflows/contract.js';
import type { Activities } from './contract.js';
import { inTurns } from './in-turns.js';
import type { ActivityServices } from './services.js';

type Services = Pick<ActivityServices, 'temporal' | 'runs'>;

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
  for await (const records of openRecords(services)) {
    const ends = await inTurns(records, (record) => endOf(services, record, taskQueue, graceMs));
    found.push(...records.filter((_, i) => ends[i] !== null).map(({ runId }) => runId));
  }
  return found;
}

export const createRecordActivities = (services: ActivityServices): Pick<Activities, 'closeRecord'> => ({
  async closeRecord({ taskQueue, graceMs, runId }) {
    const { runs } = services;
    const record = await runs.get(runId);
    if (record === null || record.finishedAt !== null) return;
    const end = await endOf(services, record, taskQueue, graceMs);
    // Of one that has gone on meanwhile the next sweep judges.
    if (end !== null) await runs.replace(end, (stored) => stillOpen(stored) && stored.stage === record.stage);
  },
});

async function* openRecords({ runs }: Services): AsyncIterable<RunRecord[]> {
  for (const status of OPEN_STATUSES) {
    let cursor: string | null = null;
    do {
      const page = await runs.list({ status, limit: A_PAGE, ...(cursor !== null && { cursor }) });
      yield page.runs.filter(({ finishedAt }) => finishedAt === null);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

/** The record of a run that is over, closed; null while it is not, or not for that long. */
async function endOf(
  { temporal }: Services,
  record: RunRecord,
  taskQueue: string,
  graceMs: number,
): Promise<RunRecord | null> {
  const standing = await workflowStanding(temporal, runWorkflowId(record.runId));
  if (standing.status === 'unknown') return await neverBegan(temporal, record, graceMs);
  if (standing.status === 'open' || standing.taskQueue !== taskQueue) return null;
  return isClosedFor(standing, graceMs) ? closed(record, standing) : null;
}

const closed = (record: RunRecord, { closedAs, closedAt }: ClosedWorkflow): RunRecord =>
  closedRun(record, endedUnrecorded(closedAs), closedAt);

/** It stays `queued`: the same Idempotency-Key may start it. One that was queued for another Temporal may run there. */
async function neverBegan(temporal: Client, record: RunRecord, graceMs: number): Promise<RunRecord | null> {
  const isLate = Date.now() - Date.parse(record.startedAt) > graceMs;
  if (record.stage !== 'queued' || !isLate) return null;
  if (record.installation !== (await installationOf(temporal))) return null;
  return { ...record, status: 'failed', error: NEVER_BEGAN, finishedAt: new Date().toISOString() };
}
