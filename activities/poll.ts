import { activityInfo, cancellationSignal, heartbeat, log, sleep } from '@temporalio/activity';
import { z } from 'zod';
import { ServiceError } from '../src/nemo/service-error.js';
import type { JobProgress, Patience } from './contract.js';
import { finalFailure } from './failures.js';

/** One reading of something remote: over with a value, or still going on. */
export type Reading<T> = { done: true; value: T } | { done: false; progress: JobProgress; alive?: string };

const progress = z.object({ externalId: z.string() });

/** Id of the job that an earlier attempt was watching; null on the first, or when it had not come so far. */
export function watchedBefore(): string | null {
  const parsed = progress.safeParse(activityInfo().heartbeatDetails);
  return parsed.success && parsed.data.externalId !== '' ? parsed.data.externalId : null;
}

export const noProgress = { percent: null, epochsCompleted: null, stepsCompleted: null } as const;
export const noMetrics = { trainLoss: null, validationLoss: null, samplesProcessed: null } as const;

/**
 * Reads until it is over. A heartbeat follows each reading that found it going on. A reading that failed in passing is
 * read again; what ends the wait is only `stallMs` without a sign of life, which is any change of the progress or of
 * `alive`.
 */
export async function poll<T>(
  what: string,
  { pollMs, stallMs }: Patience,
  read: (signal: AbortSignal) => Promise<Reading<T>>,
): Promise<T> {
  const life = { sign: '', at: Date.now() };
  for (;;) {
    const reading = await readOnce(what, read);
    if (reading?.done) return reading.value;
    if (reading) {
      heartbeat(reading.progress);
      const sign = JSON.stringify([reading.progress, reading.alive]);
      if (sign !== life.sign) Object.assign(life, { sign, at: Date.now() });
    } else heartbeat(activityInfo().heartbeatDetails);
    if (Date.now() - life.at > stallMs)
      throw finalFailure('Stalled', `${what}: no sign of life for ${Math.round(stallMs / 1000)} s`);
    await sleep(pollMs);
  }
}

/** null: this reading failed in a way that passes. */
async function readOnce<T>(what: string, read: (signal: AbortSignal) => Promise<Reading<T>>) {
  try {
    return await read(cancellationSignal());
  } catch (error) {
    const passing =
      error instanceof ServiceError && (error.status === null || error.status >= 500 || error.status === 429);
    if (!passing) throw error;
    log.warn(`${what}: ${error.message}; reading again`);
    return null;
  }
}
