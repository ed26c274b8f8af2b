import { setTimeout as sleep } from 'node:timers/promises';
import { grpcErrorOf, LATE, PASSING } from '../grpc-trouble.js';
import { Problem } from './problem.js';

/** So long may a Temporal that was there a moment ago be slow. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

interface Telling {
  /** Ends the attempts. */
  signal: AbortSignal;
  say: (line: string) => void;
}

/** Tells the GPU pool its settings, and tells them again, with a word to the user, while Temporal is slow or away. */
export async function tellSettings(
  tell: () => Promise<void>,
  { signal, say }: Telling,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const lastMs = Date.now() + patienceMs;
  for (;;) {
    try {
      return await tell();
    } catch (error) {
      const reason = passingReason(error);
      if (reason === null || signal.aborted) throw error;
      if (Date.now() > lastMs)
        throw new Problem(
          `Temporal has not taken its settings within ${patienceMs / 1_000} s (${reason}): see that it is up, and what keeps it busy.`,
        );
      say(`Temporal has not taken the settings of the GPU pool (${reason}); trying again …`);
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

/** null: it would fail again, however often. */
function passingReason(error: unknown): string | null {
  const cause = grpcErrorOf(error);
  if (cause === null || !PASSING.has(cause.code)) return null;
  return LATE.has(cause.code) ? 'no answer in time' : cause.details;
}
