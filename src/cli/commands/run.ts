import { Command } from 'commander';
import { followJob, openProgress } from '../follow.js';
import { JobClient } from '../job-client.js';
import { unlessCompleted } from '../job-end.js';
import { httpUrl } from '../option-values.js';
import { withExample } from '../example.js';
import { showResult } from '../result.js';

interface RunFlags {
  workload: string;
  client: string;
  url: string;
}

/** `flywheel run`: starts a job on a running gateway and follows it to its end. */
export const runCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('run')
      .requiredOption('--workload <id>', 'workload_id of the logs')
      .requiredOption('--client <id>', 'client_id of the logs')
      .option('--url <url>', 'where the gateway serves', httpUrl, 'http://127.0.0.1:8000')
      .addHelpText('after', '\nCtrl-C asks the gateway to cancel the job, and follows it to its end.')
      .action((flags: RunFlags) => run(flags, signal)),
    'flywheel run --workload service_agent --client demo-shop',
  );

async function run({ workload, client, url }: RunFlags, signal: AbortSignal): Promise<void> {
  const jobs = new JobClient(url);
  const id = await jobs.start(workload, client, { say: console.log, signal });
  console.log(`Job ${id}: ${jobs.url}/api/jobs/${id}`);
  const progress = openProgress();
  const cancel = () => {
    progress.say('Cancelling …');
    // It may have ended in this moment; then its end is shown.
    jobs.cancel(id, progress).catch((error: Error) => progress.say(error.message));
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel);

  const job = await followJob(jobs, id, progress);
  showResult(job);
  unlessCompleted(job);
}
