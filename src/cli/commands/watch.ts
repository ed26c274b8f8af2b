import { Command } from 'commander';
import { followJob, openProgress } from '../follow.js';
import { JobClient } from '../job-client.js';
import { unlessCompleted } from '../job-end.js';
import { httpUrl } from '../option-values.js';
import type { Progress } from '../progress.js';
import { withExample } from '../example.js';
import { showResult } from '../result.js';

interface WatchFlags {
  url: string;
  json?: true;
}

/** `flywheel watch`: follows a job that was started elsewhere to its end. */
export const watchCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('watch')
      .argument('<id>', 'of the job')
      .option('--url <url>', 'where the gateway serves', httpUrl, 'http://127.0.0.1:8000')
      .option('--json', 'no progress; the last document of GET /api/jobs/{id} instead of the table')
      .addHelpText('after', '\nCtrl-C ends the watching; the job goes on.')
      .action((id: string, flags: WatchFlags) => watch(id, flags, signal)),
    'flywheel watch 65a1b2c3d4e5f60718293a4b',
  );

async function watch(id: string, { url, json }: WatchFlags, signal: AbortSignal): Promise<void> {
  const job = await followJob(new JobClient(url), id, json ? NO_PROGRESS : openProgress(), signal);
  if (json) console.log(JSON.stringify(job, null, 2));
  else showResult(job);
  unlessCompleted(job);
}

/** Standard output is the document's. */
const NO_PROGRESS: Progress = { show: () => undefined, say: console.error, end: () => undefined };
