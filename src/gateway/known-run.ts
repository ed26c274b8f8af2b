import type { RunRecord } from '../run-record.js';
import { noAnswers, type RunAnswers } from './live-run.js';
import type { WorkerLife } from './answer.js';
import { cancelling } from './lost-run.js';

/** A run is looked at so often at most; between two looks it is what the last one saw. */
const LOOK_EVERY_MS = 1_000;
/** A look that has taken so long is waited for no longer: its readers get what is known. */
export const WAIT_MS = 300;
/** Only so long where that is hardly old; and others' looks not at all where it is as good as of now. */
const SHORT_WAIT_MS = 20;
const HARDLY_OLD_MS = 4_000;
const AS_OF_NOW_MS = 2_000;

/** A run, and how old the document is; null when it is of now. */
export interface Reading {
  run: RunRecord;
  staleSeconds: number | null;
}

/** One look at the store, and then at the run's workflows if it is open. */
export interface Look {
  begunAt: number;
  /** What the store has is known; rejects if it cannot be told, and nothing was known before. */
  found: Promise<void>;
  /** Never rejects: a run that cannot be looked at keeps its last known document. */
  over: Promise<void>;
}

/** What is known of a run; times are epoch milliseconds. */
export interface KnownRun {
  /** null: nothing yet, or there is no such run. */
  run: RunRecord | null;
  /** When that was true. */
  readAt: number;
  /** When its workflows last said so, and not the store. */
  answeredAt: number;
  /** Temporal has taken its cancellation, though no worker need have heard of it. */
  isCancelling: boolean;
  look: Look | null;
  lookedAt: number;
  answers: RunAnswers;
}

export const nothingKnown = (workers: WorkerLife): KnownRun => ({
  run: null,
  readAt: 0,
  answeredAt: 0,
  isCancelling: false,
  look: null,
  lookedAt: 0,
  answers: noAnswers(workers),
});

export const isDue = ({ look, lookedAt }: KnownRun): boolean =>
  look === null && Date.now() - lookedAt >= LOOK_EVERY_MS;

/** How long after its beginning a look is waited for by a reader of the run, in milliseconds. */
export function longestWaitMs({ readAt }: KnownRun, isOwnLook: boolean): number {
  const age = Date.now() - readAt;
  if (age < AS_OF_NOW_MS && !isOwnLook) return 0;
  return age < HARDLY_OLD_MS ? SHORT_WAIT_MS : WAIT_MS;
}

export function readingOf(run: RunRecord, { look, readAt, isCancelling }: KnownRun): Reading {
  const age = Date.now() - readAt;
  const isOfNow = look === null && age < LOOK_EVERY_MS + WAIT_MS;
  const staleSeconds = isOfNow ? null : Math.max(0, Math.round(age / 1000));
  return { run: isCancelling ? cancelling(run) : run, staleSeconds };
}

/** Takes over what the store has, unless the run's workflows have said something newer. */
export function noteRecord(known: KnownRun, record: RunRecord): void {
  const recordedAt = record.finishedAt === null ? lastChange(record) : Date.now();
  if (recordedAt >= known.readAt) Object.assign(known, { run: record, readAt: recordedAt });
}

/** The latest time in the record, in epoch milliseconds: it was true then. */
function lastChange({ startedAt, candidates }: RunRecord): number {
  const steps = candidates.flatMap(({ evaluations, customization, ...candidate }) => [
    candidate,
    ...evaluations,
    ...(customization ? [customization] : []),
  ]);
  const times = [startedAt, ...steps.flatMap((step) => [step.startedAt, step.finishedAt])];
  return Math.max(...times.map((time) => (time === null ? 0 : Date.parse(time))));
}
