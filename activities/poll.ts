import { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { z } from 'zod';
import { ServiceError } from '../src/nemo/service-error.js';
import type { JobProgress, Patience } from './contract.js';
import { finalFailure, isFinal } from './failures.js';

/** One reading of something remote: over with a value, or still going on. */
export type Reading<T> = { done: true; value: T } | { done: false; progress: JobProgress; alive?: string };

const progress = z.object({ externalId: z.string() });

/** Id of the job that an earlier attempt was watching; null on the first, or when it had not come so far. */
export function watchedBefore(): string | null {
  const parsed = progress.safeParse(activityInfo().heartbeatDetails);
  return parsed.success && parsed.data.externalId !== '' ? parsed.data.externalId : null;
}

/** How far a job is of which the platform does not say that. */
export const NOTHING_KNOWN = {
  percent: null,
  epochsCompleted: null,
  stepsCompleted: null,
  trainLoss: null,
  validationLoss: null,
  samplesProcessed: null,
} as const;

/** The platform's words for what goes on. Any other word is waited on too, but logged. */
const KNOWN_WORDS = new Set(['created', 'pending', 'running', 'cancelling', 'ready']);

/** For waits that undo something: a platform that does not answer is no reason to give up, one that does nothing is. */
export const OUTLASTS_OUTAGES = { outlastsOutages: true };

/**
 * Reads until it is over. A heartbeat follows each reading that found it going on. A reading that failed in passing is
 * read again; what ends the wait is only `stallMs` without a sign of life, which is any change of the progress or of
 * `alive`.
 */
export async function poll<T>(
  what: string,
  { pollMs, stallMs }: Patience,
  read: (signal: AbortSignal) => Promise<Reading<T>>,
  { outlastsOutages = false } = {},
): Promise<T> {
  const life = newLife();
  const stopBeating = keepBeating(life);
  try {
    for (;;) {
      const reading = await readOnce(read);
      if (reading instanceof ServiceError) {
        log.warn(`${what}: ${reading.message}; reading again`);
        life.lastHeard = reading.message;
        if (outlastsOutages) life.changedAt = Date.now();
      } else if (reading.done) return reading.value;
      else note(life, what, reading);
      if (Date.now() - life.changedAt > stallMs) throw stalled(what, stallMs, life);
      await sleep(Math.max(pollMs, reading instanceof ServiceError ? (reading.retryAfterMs ?? 0) : 0));
    }
  } finally {
    stopBeating();
  }
}

/** Waits for all: a job that cannot be stopped keeps none of the others running. */
export async function allStopped(stopping: readonly Promise<void>[]): Promise<void> {
  const stops = await Promise.allSettled(stopping);
  const failed = stops.find((stop) => stop.status === 'rejected');
  if (failed) throw failed.reason;
}

/** What is known of the thing that is waited for. */
interface Life {
  /** Of the last heartbeat, at first that of an earlier attempt. */
  details: unknown;
  sign: string;
  changedAt: number;
  status: string;
  /** The last status or error, in words. */
  lastHeard: string;
}

const newLife = (): Life => ({
  details: activityInfo().heartbeatDetails as unknown,
  sign: '',
  changedAt: Date.now(),
  status: '',
  lastHeard: 'nothing',
});

/** Repeats the last heartbeat during a slow answer or a long pause, which would look like a dead worker. */
function keepBeating(life: Life): () => void {
  const { heartbeatTimeoutMs } = activityInfo();
  if (!heartbeatTimeoutMs) return () => undefined;
  const timer = setInterval(() => heartbeat(life.details), heartbeatTimeoutMs / 3);
  return () => clearInterval(timer);
}

/** The reading, or the error of one that failed in a way that passes. */
async function readOnce<T>(
  read: (signal: AbortSignal) => Promise<Reading<T>>,
): Promise<Reading<T> | ServiceError> {
  try {
    return await read(cancellationSignal());
  } catch (error) {
    if (error instanceof ServiceError && !isFinal(error)) return error;
    throw error;
  }
}

function note(life: Life, what: string, { progress, alive }: { progress: JobProgress; alive?: string }) {
  const { status } = progress;
  heartbeat(progress);
  life.details = progress;
  life.lastHeard = `status ${status}`;
  // What we say ourselves while waiting is a phrase.
  if (status !== life.status && /^\w+$/.test(status) && !KNOWN_WORDS.has(status))
    log.warn(`${what}: unknown status ${status}; waiting on`);
  life.status = status;
  const sign = JSON.stringify([progress, alive]);
  if (sign !== life.sign) Object.assign(life, { sign, changedAt: Date.now() });
}

const stalled = (what: string, stallMs: number, { lastHeard }: Life) =>
  finalFailure(
    'Stalled',
    `${what}: no sign of life for ${Math.round(stallMs / 1000)} s; last heard: ${lastHeard}`,
  );
