import { setImmediate, setTimeout } from 'node:timers/promises';

/** Waits for what would take time on a real platform. */
export interface Clock {
  /** Waits `seconds` × time scale; at scale 0 it only lets other requests run. Rejects when `signal` aborts. */
  pause(seconds: number, signal: AbortSignal): Promise<void>;
  scaledMs(seconds: number): number;
}

export function createClock(timeScale: number): Clock {
  const scaledMs = (seconds: number) => seconds * 1000 * timeScale;
  return {
    scaledMs,
    async pause(seconds, signal) {
      if (timeScale === 0) await setImmediate(undefined, { signal });
      else await setTimeout(scaledMs(seconds), undefined, { signal });
    },
  };
}
