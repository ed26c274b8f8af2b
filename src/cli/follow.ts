import { setTimeout as sleep } from 'node:timers/promises';
import type { JobDetail } from '../gateway/wire.js';
import type { JobClient, Waiting } from './job-client.js';
import { LineProgress } from './line-progress.js';
import { Problem, WRONG_USE } from './problem.js';
import type { Progress } from './progress.js';
import { TerminalProgress } from './terminal-progress.js';

const POLL_MS = 400;
const AWAY_MS = 60_000;

/** Progress as standard output can take it. */
export const openProgress = (): Progress =>
  process.stdout.isTTY ? new TerminalProgress(process.stdout) : new LineProgress();

/** Shows a job's progress until it has ended, and returns its last document; `signal` ends that, the job goes on. */
export async function followJob(
  client: JobClient,
  id: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<JobDetail> {
  // At once, so that nothing is drawn over what is said next.
  const end = () => progress.end();
  signal?.addEventListener('abort', end);
  const waiting = { say: (line: string) => progress.say(line), signal };
  try {
    for (;;) {
      const job = await readPatiently(client, id, waiting);
      signal?.throwIfAborted();
      progress.show(job);
      if (job.finished_at !== null) return job;
      await sleep(POLL_MS, undefined, { signal });
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    progress.end();
  }
}

/** A gateway that is restarted does not end what follows a job. */
async function readPatiently(client: JobClient, id: string, waiting: Waiting): Promise<JobDetail> {
  const deadline = Date.now() + AWAY_MS;
  for (;;) {
    try {
      return await client.read(id, waiting);
    } catch (error) {
      const wrong = !(error instanceof Problem) || error.exitCode === WRONG_USE;
      if (wrong || Date.now() > deadline) throw error;
      await sleep(POLL_MS, undefined, { signal: waiting.signal });
    }
  }
}
