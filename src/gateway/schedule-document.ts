import type { ScheduleDescription, ScheduleSummary } from '@temporalio/client';
import { z } from 'zod';
import type { ScheduledRunOutcome } from '../../workflows/contract.js';
import { naiveUtc } from './job-document.js';
import type { ScheduleMemo } from './schedules.js';
import { count, hexId, moment } from './wire-words.js';

/** An entry of `GET /api/schedules`. */
export const scheduleListItem = z
  .object({
    id: hexId,
    workload_id: z.string(),
    client_id: z.string(),
    every: z.string().nullable(),
    cron: z.string().nullable(),
    min_new_records: count.nullable(),
    data_split_config: z.record(z.string(), z.unknown()),
    note: z.string().nullable(),
    paused: z.boolean(),
    next_runs: z.array(moment).describe('when it is next due; none while it is paused'),
  })
  .meta({ id: 'ScheduleListItem' });

export type ScheduleListItem = z.output<typeof scheduleListItem>;

const scheduleTurn = z.object({
  due_at: moment,
  status: z
    .string()
    .nullable()
    .describe('of its workflow: running, completed, cancelled, …; null where Temporal has forgotten it'),
  new_records: count.nullable(),
  job_id: hexId.nullable().describe('the job that it started'),
  skipped: z.string().nullable().describe('why it started none'),
});

export type ScheduleTurn = z.output<typeof scheduleTurn>;

/** `GET /api/schedules/{id}`. */
export const scheduleDetail = scheduleListItem
  .extend({
    created_at: moment,
    skipped_overlaps: count.describe('turns left out because a job of the schedule was still running'),
    turns: z.array(scheduleTurn).describe('the newest first'),
  })
  .meta({ id: 'Schedule' });

export type ScheduleDetail = z.output<typeof scheduleDetail>;

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
  next_runs: state.paused ? [] : info.nextActionTimes.slice(0, 3).map((at) => naiveUtc(at)),
});

export const toScheduleDetail = (
  id: string,
  memo: ScheduleMemo,
  description: ScheduleDescription,
  turns: ScheduleTurn[],
): ScheduleDetail => ({
  ...toScheduleListItem(id, memo, description),
  created_at: naiveUtc(description.info.createdAt),
  skipped_overlaps: description.info.numActionsSkippedOverlap,
  turns,
});

export const toTurn = (
  dueAt: Date,
  status: string | null,
  outcome: ScheduledRunOutcome | null,
): ScheduleTurn => ({
  due_at: naiveUtc(dueAt),
  status,
  new_records: outcome?.newRecords ?? null,
  job_id: outcome?.runId ?? null,
  skipped: outcome?.skipped ?? null,
});
