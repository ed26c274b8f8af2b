import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDetail } from '../gateway/wire.js';
import type { JobClient } from './job-client.js';
import { Problem, WRONG_USE } from './problem.js';
import { LineProgress } from './line-progress.js';
import { TerminalProgress } from './terminal-progress.js';

const POLL_MS = 400;
const AWAY_MS = 60_000;

export interface FollowOptions {
  /** Ends following; the job goes on. */
  signal?: AbortSignal;
  onTty?: boolean;
}

/** Shows a job's progress until it has ended, and returns its last document. */
export async function followJob(
  client: JobClient,
  id: string,
  { signal, onTty = process.stdout.isTTY }: FollowOptions = {},
): Promise<JobDetail> {
  const progress = onTty ? new TerminalProgress() : new LineProgress();
  try {
    for (;;) {
      const job = await readPatiently(client, id, signal);
      progress.show(job);
      if (job.finished_at !== null) return job;
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await progress.end();
  }
}

/** A gateway that is restarted does not end what follows a job. */
async function readPatiently(client: JobClient, id: string, signal?: AbortSignal): Promise<JobDetail> {
  const deadline = Date.now() + AWAY_MS;
  for (;;) {
    try {
      return await client.read(id);
    } catch (error) {
      const wrong = !(error instanceof Problem) || error.exitCode === WRONG_USE;
      if (wrong || Date.now() > deadline) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}
