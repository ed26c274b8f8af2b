import { setImmediate } from 'node:timers/promises';
import { openAskedModels } from './asked-models.js';
import type { Evaluation, EvaluationTask } from './evaluation-config.js';
import type { EvaluationLog } from './evaluation-log.js';
import { readRows } from './evaluation-rows.js';
import { scoreRow, type Sample, type ScoringMeans } from './evaluation-sample.js';
import type { Platform } from './platform.js';

const DEFAULT_PARALLELISM = 4;

/** Told how far an evaluation is. */
export interface EvaluationObserver {
  /** All rows are read; how many there are. */
  started(total: number): void;
  task(name: string, status: 'running' | 'completed' | 'failed'): void;
  sampleDone(): void;
  log: EvaluationLog;
}

/** Scores every row of every task. Rejects when no row at all was answered: some failed samples are a result, nothing else is none. */
export async function runTasks(
  platform: Platform,
  evaluation: Evaluation,
  observer: EvaluationObserver,
  signal: AbortSignal,
): Promise<Map<string, Sample[]>> {
  const { config, target } = evaluation;
  const tasks = Object.entries(config.tasks).map(([name, task]) => ({
    name,
    task,
    rows: readRows(platform, evaluation, task),
  }));
  observer.started(tasks.reduce((sum, { rows }) => sum + rows.length, 0));
  const models = openAskedModels(platform.nimUrl, config.params ?? {});
  const model = target.type === 'model' ? target.model : null;
  const means = { models, model, sampling: samplingOf(evaluation), signal };
  try {
    const samples = new Map<string, Sample[]>();
    for (const { name, task, rows } of tasks) {
      observer.log.info(`task ${name}: ${rows.length} rows`);
      observer.task(name, 'running');
      samples.set(name, await scoreRows(name, rows, task, means, evaluation, observer));
      observer.task(name, 'completed');
    }
    refuseIfNoneAnswered(samples, observer);
    return samples;
  } finally {
    await models.close();
  }
}

const SAMPLING = ['max_tokens', 'temperature', 'top_p', 'stop'];

const samplingOf = ({ config }: Evaluation) =>
  Object.fromEntries(
    Object.entries(config.params ?? {}).filter(([key, value]) => SAMPLING.includes(key) && value !== null),
  );

/** Scores all rows, several at a time; samples keep the order of the rows. */
async function scoreRows(
  name: string,
  rows: unknown[],
  task: EvaluationTask,
  means: ScoringMeans,
  { config }: Evaluation,
  { sampleDone, log }: EvaluationObserver,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const queue = rows.entries();
  const work = async () => {
    for (const [index, row] of queue) {
      // Scoring alone never waits for anything: other requests must get their turn.
      if (task.type === 'data') await setImmediate(undefined, { signal: means.signal });
      const sample = await scoreRow(row, task, means);
      samples[index] = sample;
      log.sample(name, index, sample);
      sampleDone();
    }
  };
  const workers = Math.min(config.params?.parallelism ?? DEFAULT_PARALLELISM, rows.length);
  await Promise.all(Array.from({ length: workers }, work));
  return samples;
}

function refuseIfNoneAnswered(samples: Map<string, Sample[]>, observer: EvaluationObserver): void {
  const all = [...samples.values()].flat();
  const failed = all.filter(({ error }) => error !== undefined);
  if (failed.length < all.length) return;
  for (const name of samples.keys()) observer.task(name, 'failed');
  throw new Error(`none of the ${all.length} samples was answered; the first: ${failed[0]?.error}`);
}
