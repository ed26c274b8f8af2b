import { type Ending, isOver } from './background-jobs.js';
import { createChatClient } from './chat-client.js';
import { openDatasetFiles, parseJsonLines } from './dataset-files.js';
import { newId, timestamp } from './entity-ids.js';
import { withoutKeys, type EvaluationJob, type EvaluationTask } from './evaluation-job.js';
import { saveResults, summarize } from './evaluation-results.js';
import { scoreRow, type Sample, type ScoringMeans } from './evaluation-sample.js';
import type { Platform } from './platform.js';

const DEFAULT_PARALLELISM = 4;

/** Evaluates in the background; the job's document tells how far it is. */
export function startEvaluation(platform: Platform, job: EvaluationJob): void {
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

/** Takes up jobs that an earlier process left, from their beginning. */
export function resumeEvaluations(platform: Platform): void {
  for (const job of platform.evaluations.all().filter((one) => !isOver(one))) {
    if (job.status === 'cancelling') setStatus(platform, job, 'cancelled');
    else startEvaluation(platform, job);
  }
}

async function evaluate(platform: Platform, job: EvaluationJob, signal: AbortSignal): Promise<void> {
  const tasks = Object.entries(job.config.tasks);
  await platform.clock.pause(1, signal);
  setStatus(platform, job, 'running');
  const rows = new Map(tasks.map(([name, task]) => [name, readRows(platform, job, task)]));
  const progress = progressOf(
    job,
    [...rows.values()].reduce((sum, { length }) => sum + length, 0),
  );
  const client = createChatClient(platform.nimUrl, job.config.params ?? {});
  try {
    const means = { client, model: job.target.model, sampling: samplingOf(job), signal };
    const samples = new Map<string, Sample[]>();
    for (const [name, task] of tasks) {
      job.status_details.task_status[name] = 'running';
      const workers = job.config.params?.parallelism ?? DEFAULT_PARALLELISM;
      samples.set(name, await scoreRows(rows.get(name) ?? [], task, means, workers, progress));
      job.status_details.task_status[name] = 'completed';
    }
    refuseIfNoneAnswered(job, [...samples.values()].flat());
    publish(platform, job, samples);
  } finally {
    await client.close();
  }
}

/** The rows of a task's file or folder: JSON lines, or one JSON array. */
function readRows(platform: Platform, job: EvaluationJob, { dataset }: EvaluationTask): unknown[] {
  const source = openDatasetFiles(platform, dataset.files_url);
  const rows = source.files
    .filter(({ path }) => /\.jsonl?$/.test(path))
    .flatMap((file) => parseRows(source.read(file), file.path));
  if (rows.length === 0) throw new Error(`${dataset.files_url} holds no row to evaluate`);
  return rows.slice(0, Math.min(dataset.limit ?? Infinity, job.config.params?.limit_samples ?? Infinity));
}

function parseRows(text: string, path: string): unknown[] {
  if (!text.trimStart().startsWith('[')) return parseJsonLines(text, path).map(({ value }) => value);
  const rows: unknown = JSON.parse(text);
  return Array.isArray(rows) ? rows : [rows];
}

/** Counts samples over all tasks. */
function progressOf(job: EvaluationJob, total: number): () => void {
  const details = job.status_details;
  Object.assign(details, { progress: 0, samples_processed: 0 });
  return () => {
    details.samples_processed = (details.samples_processed ?? 0) + 1;
    details.progress = (100 * details.samples_processed) / total;
    job.updated_at = timestamp();
  };
}

const SAMPLING = ['max_tokens', 'temperature', 'top_p', 'stop'];

const samplingOf = ({ config }: EvaluationJob) =>
  Object.fromEntries(
    Object.entries(config.params ?? {}).filter(([key, value]) => SAMPLING.includes(key) && value !== null),
  );

/** Scores all rows, `workers` at a time; samples keep the order of the rows. */
async function scoreRows(
  rows: unknown[],
  task: EvaluationTask,
  means: ScoringMeans,
  workers: number,
  done: () => void,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const queue = rows.entries();
  const work = async () => {
    for (const [index, row] of queue) {
      samples[index] = await scoreRow(row, task, means);
      done();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, rows.length) }, work));
  return samples;
}

/** Some failed samples are a result; nothing but failed samples is none. */
function refuseIfNoneAnswered(job: EvaluationJob, samples: Sample[]): void {
  const failed = samples.filter(({ error }) => error !== undefined);
  if (failed.length < samples.length) return;
  for (const task of Object.keys(job.config.tasks)) job.status_details.task_status[task] = 'failed';
  throw new Error(`none of the ${samples.length} samples was answered; the first: ${failed[0]?.error}`);
}

function publish(platform: Platform, job: EvaluationJob, samples: Map<string, Sample[]>): void {
  const id = newId('evaluation_result');
  const { created_at, namespace } = job;
  const tasks = summarize(job, samples);
  const summary = {
    created_at,
    updated_at: timestamp(),
    id,
    job: job.id,
    tasks,
    groups: {},
    namespace,
    custom_fields: {},
  };
  saveResults(platform.dataDir, job.id, summary, samples);
  job.result = id;
}

function end(platform: Platform, job: EvaluationJob, ending: Ending): void {
  const details = job.status_details;
  if (ending.status === 'failed') details.message = ending.reason;
  if (ending.status === 'completed') details.message = 'Job completed successfully.';
  setStatus(platform, job, ending.status);
}

/** Once a job is over nobody needs its keys any more, so they leave the disk too. */
function setStatus(platform: Platform, job: EvaluationJob, status: EvaluationJob['status']): void {
  job.status = status;
  job.updated_at = timestamp();
  platform.evaluations.put(job.id, isOver(job) ? withoutKeys(job) : job);
}
