import type { Request } from 'express';
import { shortHash } from '../ids.js';
import { Fault, integer, lax, textUpTo } from '../config/lax.js';
import { requireClient } from './caller.js';
import { jsonBody } from './json-body.js';
import { jobOf, jobRequest, type RequestedJob } from './job-request.js';
import type { LoadedConfig } from '../config/types.js';
import { invalid, validate } from './validation.js';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const MOST_MS = 366 * UNIT_MS.d;
const PERIOD = /^\s*(\d{1,6})\s*([mhdw])\s*$/;

/** A whole number of minutes, hours, days or weeks. */
const period = lax(
  (value) => {
    const ms = periodMs(String(value));
    if (ms >= UNIT_MS.m && ms <= MOST_MS) return String(value).trim();
    return new Fault('duration', 'Input should be a period such as 30m, 12h, 7d or 1w, of at most a year');
  },
  { type: 'string' },
);

/** Milliseconds of a period; NaN where it is none. */
export function periodMs(text: string): number {
  const [, amount, unit] = PERIOD.exec(text) ?? [];
  return Number(amount) * (Object.entries(UNIT_MS).find(([name]) => name === unit)?.[1] ?? Number.NaN);
}

/** Five fields, or a name for them; Temporal knows forms with seconds too, and reads the fields. */
const CRON = /^(?:(?:CRON_)?TZ=\S+\s+)?(?:\S+(?:\s+\S+){4}|@(?:hourly|daily|weekly|monthly|yearly))$/;

const cron = lax(
  (value) => {
    if (typeof value !== 'string') return new Fault('string_type', 'Input should be a valid string');
    const text = value.trim();
    if (text.length <= 256 && CRON.test(text)) return text;
    return new Fault('cron', 'Input should be a cron expression such as 0 3 * * 1');
  },
  { type: 'string' },
);

/** The body of `POST /api/schedules`: that of a job, and when it is repeated. */
export const scheduleRequest = jobRequest
  .extend({
    every: period.nullable().optional(),
    cron: cron.nullable().optional(),
    min_new_records: integer({ ge: 1 }).nullable().optional(),
    note: textUpTo(256).nullable().optional(),
  })
  .meta({ id: 'ScheduleRequest' });

/** When a job is to be repeated: exactly one of `every` and `cron` is set. */
export interface ScheduleTimes {
  /** As it was asked for: `7d`. */
  every: string | null;
  /** In UTC unless it names a zone (`CRON_TZ=`). */
  cron: string | null;
}

export interface RequestedSchedule extends RequestedJob, ScheduleTimes {
  minNewRecords: number | null;
  note: string | null;
  requestHash: string;
}

/** Reads the body; a 422 where it does not fit. */
export function requestedSchedule(config: LoadedConfig, request: Request): RequestedSchedule {
  const body = jsonBody(request);
  const asked = validate(scheduleRequest, body, 'body');
  const { every = null, cron = null, min_new_records: minNewRecords = null, note = null } = asked;
  refuseUnclearTimes({ every, cron }, body);
  const job = jobOf(config, asked);
  const { workloadId, clientId, requested } = job;
  requireClient(request, clientId);
  const requestHash = shortHash(
    JSON.stringify([workloadId, clientId, requested, every, cron, minNewRecords]),
    24,
  );
  return { ...job, every, cron, minNewRecords, note, requestHash };
}

function refuseUnclearTimes({ every, cron }: ScheduleTimes, input: unknown): void {
  if (every === null && cron === null)
    throw invalid({ type: 'missing', loc: ['body', 'every'], msg: 'Field required: every, or cron', input });
  if (every !== null && cron !== null)
    throw invalid({
      type: 'value_error',
      loc: ['body', 'cron'],
      msg: 'every and cron cannot both be set: leave one of them out',
      input: cron,
    });
}

/** A cron expression that Temporal cannot read; it says why. */
export const unreadableCron = (cron: string, reason: string) =>
  invalid({
    type: 'cron',
    loc: ['body', 'cron'],
    msg: `Input should be a cron expression such as 0 3 * * 1 (${reason})`,
    input: cron,
  });
