import { toJobDetail } from './job-document.js';
import type { RunReader } from './run-reader.js';
import type { JobDetail } from './wire.js';

/** The document of a job as it is now, or, with `stale_seconds`, as it was last known; null: there is no such job. */
export async function readJob(reader: RunReader, runId: string): Promise<JobDetail | null> {
  const reading = await reader.read(runId);
  if (reading === null) return null;
  const { run, staleSeconds } = reading;
  return {
    ...toJobDetail(run, Date.now()),
    ...(staleSeconds !== null && { stale_seconds: staleSeconds }),
  };
}
