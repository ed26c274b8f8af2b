import type { ScheduleDescription, ScheduleSummary } from '@temporalio/client';
import type { ScheduledRunOutcome } from '../../workflows/contract.js';
import { naiveUtc } from './job-document.js';
import type { ScheduleMemo } from './schedules.js';

/** An entry of `GET /api/schedules`. */
export interface ScheduleListItem {
  id: string;
  workload_id: string;
  client_id: string;
  every: string | null;
  cron: string | null;
  min_new_records: number | null;
  data_split_config: Record<string, unknown>;
  note: string | null;
  paused: boolean;
  /** When it is next due; none while it is paused. */
  next_runs: string[];
}

/** One turn of a schedule, the newest first. */
export interface ScheduleTurn {
  due_at: string;
  /** `running`, `completed`, `cancelled`, …: of its workflow; null where Temporal has forgotten it. */
  status: string | null;
  new_records: number | null;
  /** The job that it started. */
  job_id: string | null;
  /** Why it started none. */
  skipped: string | null;
}

/** `GET /api/schedules/{id}`. */
export interface ScheduleDetail extends ScheduleListItem {
  created_at: string;
  /** Turns that were left out because a job of the schedule was still running. */
  skipped_overlaps: number;
  turns: ScheduleTurn[];
}

type Shown = Pick<ScheduleSummary, 'state' | 'info'>;

export const toScheduleListItem = (
  id: string,
  memo: ScheduleMemo,
  { state, info }: Shown,
): ScheduleListItem => ({
  id,
  workload_id: memo.workloadId,
  client_id: memo.clientId,
  every: memo.every,
  cron: memo.cron,
  min_new_records: memo.minNewRecords,
  data_split_config: memo.requested,
  note: memo.note,
  paused: state.paused,
  next_runs: state.paused ? [] : info.nextActionTimes.slice(0, 3).map(momentOf),
});

export const toScheduleDetail = (
  id: string,
  memo: ScheduleMemo,
  description: ScheduleDescription,
  turns: ScheduleTurn[],
): ScheduleDetail => ({
  ...toScheduleListItem(id, memo, description),
  created_at: momentOf(description.info.createdAt),
  skipped_overlaps: description.info.numActionsSkippedOverlap,
  turns,
});

export const toTurn = (
  dueAt: Date,
  status: string | null,
  outcome: ScheduledRunOutcome | null,
): ScheduleTurn => ({
  due_at: momentOf(dueAt),
  status,
  new_records: outcome?.newRecords ?? null,
  job_id: outcome?.runId ?? null,
  skipped: outcome?.skipped ?? null,
});

const momentOf = (date: Date): string => naiveUtc(date.toISOString());
