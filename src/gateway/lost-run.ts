import type { RunRecord } from '../run-record.js';

/** A pending run may be seen before its workflow is started. */
const START_GRACE_MS = 30_000;

export const isBeingStarted = (record: RunRecord, now: number): boolean =>
  record.stage === 'queued' && now - Date.parse(record.startedAt) < START_GRACE_MS;

/** The run as it is from the moment at which Temporal has taken its cancellation. */
export const cancelling = (run: RunRecord): RunRecord =>
  run.finishedAt === null ? { ...run, status: 'running', stage: 'cancelling' } : run;

export const GONE =
  'Temporal has no workflow of this job: its retention has passed, its database was lost, or this gateway talks to ' +
  'another server or namespace.';

/** Such a run stays open, as the gateway may be asking the wrong server; cancelling it closes its record. */
export const withGoneWarning = (record: RunRecord): RunRecord => ({
  ...record,
  warnings: [...record.warnings, `${GONE} Cancel the job to close its record.`],
});
