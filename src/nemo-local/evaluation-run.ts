import { type Ending, isOver } from './background-jobs.js';
import { describeEvaluation, modelNames } from './creation-names.js';
import { timestamp } from './entity-ids.js';
import { withoutKeys, type EvaluationJob } from './evaluation-job.js';
import { untilFault } from './evaluation-fault.js';
import { openEvaluationLog } from './evaluation-log.js';
import { deleteResults, folderOf, resultOf, saveSamples } from './evaluation-results.js';
import { isLimited } from './evaluation-rows.js';
import type { EvaluationObserver } from './evaluation-tasks.js';
import type { Platform } from './platform.js';
import type { LeftWork } from './resume.js';

/** Keeps a new job and starts it. */
export function addEvaluation(platform: Platform, job: EvaluationJob): void {
  const names = [...modelNames(job.target), describeEvaluation(job).name];
  platform.faults.strike('evaluation', { id: job.id, names });
  platform.evaluations.put(job.id, job);
  startEvaluation(platform, job);
}

/** Evaluates in the background; the job's document tells how far it is. */
function startEvaluation(platform: Platform, job: EvaluationJob): void {
  platform.jobs.start(
    job.id,
    (signal) => evaluate(platform, job, signal),
    (ending) => end(platform, job, ending),
  );
}

export function cancelEvaluation(platform: Platform, job: EvaluationJob): void {
  setStatus(platform, job, 'cancelling');
  platform.jobs.cancel(job.id);
}

/** Jobs that an earlier process left, for `resume`: they are begun again. */
export const leftEvaluations = (platform: Platform): LeftWork[] =>
  platform.evaluations
    .all()
    .filter((job) => !isOver(job))
    .map((job) => ({
      created_at: job.created_at,
      goOn: () =>
        job.status === 'cancelling' ? setStatus(platform, job, 'cancelled') : startEvaluation(platform, job),
    }));

async function evaluate(platform: Platform, job: EvaluationJob, signal: AbortSignal): Promise<void> {
  await platform.clock.pause(1, signal);
  // What an earlier process has found and logged is found again.
  deleteResults(platform.dataDir, job.id);
  setStatus(platform, job, 'running');
  const samples = await untilFault(platform, job, observerOf(platform, job), signal);
  saveSamples(platform.dataDir, job.id, samples);
  if (platform.faults.of('evaluation', job.id)?.kind === 'no-result') return;
  const result = resultOf(job, samples);
  platform.evaluationResults.put(result.id, result);
  job.result = result.id;
}

/** Keeps a job's status details; progress counts samples over all tasks. */
function observerOf({ dataDir }: Platform, job: EvaluationJob): EvaluationObserver {
  const details = job.status_details;
  let total = 0;
  return {
    log: openEvaluationLog(folderOf(dataDir, job.id)),
    started(rows) {
      total = rows;
      Object.assign(details, { samples_processed: 0, progress: isLimited(job) ? 0 : null });
    },
    task(name, status) {
      details.task_status[name] = status;
    },
    sampleDone() {
      details.samples_processed = (details.samples_processed ?? 0) + 1;
      if (details.progress !== null) details.progress = (100 * details.samples_processed) / total;
      job.updated_at = timestamp();
    },
  };
}

function end(platform: Platform, job: EvaluationJob, ending: Ending): void {
  // It has vanished.
  if (!platform.evaluations.get(job.id)) return;
  const details = job.status_details;
  if (ending.status === 'failed') details.message = ending.reason;
  if (ending.status === 'completed')
    Object.assign(details, { message: 'Job completed successfully.', progress: 100 });
  setStatus(platform, job, ending.status);
}

/** Once a job is over nobody needs its keys any more, so they leave the disk too. */
function setStatus(platform: Platform, job: EvaluationJob, status: EvaluationJob['status']): void {
  job.status = status;
  job.updated_at = timestamp();
  const log = openEvaluationLog(folderOf(platform.dataDir, job.id));
  if (status === 'failed') log.error(`job ${job.id} failed: ${job.status_details.message}`);
  else log.info(`job ${job.id} is ${status}`);
  platform.evaluations.put(job.id, isOver(job) ? withoutKeys(job) : job);
}
