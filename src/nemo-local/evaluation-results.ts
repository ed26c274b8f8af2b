import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { writeWhole } from './collection.js';
import type { EvaluationJob } from './evaluation-job.js';
import { scoreNames, type Sample } from './evaluation-sample.js';

/** Sums up every score of every metric; samples without a value are counted in `nan_count` and enter no mean. */
export function summarize(job: EvaluationJob, samples: Map<string, Sample[]>) {
  const tasks = Object.entries(job.config.tasks).map(([name, task]) => {
    const done = samples.get(name) ?? [];
    const metrics = Object.entries(task.metrics).map(([metric, definition]) => {
      const scores = scoreNames(definition).map((score) => [score, summarizeScore(done, metric, score)]);
      return [metric, { scores: Object.fromEntries(scores) }];
    });
    return [name, { metrics: Object.fromEntries(metrics) }];
  });
  return Object.fromEntries(tasks);
}

function summarizeScore(samples: Sample[], metric: string, score: string) {
  const values = samples.flatMap((sample) => sample.metrics[metric]?.scores?.[score]?.value ?? []);
  const sum = values.reduce((total, value) => total + value, 0);
  // No value at all has no mean: null, never 0.
  const mean = values.length === 0 ? null : sum / values.length;
  return {
    value: mean,
    stats: { count: values.length, sum, mean, nan_count: samples.length - values.length },
  };
}

/** The finished evaluations' files: `results.json` with every sample, and the summary. */
const folderOf = (dataDir: string, id: string) => join(dataDir, 'evaluation-results', id);

/** Writes sample by sample: all of them as one text could be too long for a string. */
export function saveResults(
  dataDir: string,
  id: string,
  summary: object,
  samples: Map<string, Sample[]>,
): void {
  const folder = folderOf(dataDir, id);
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, 'results.json'), 'w', 0o600);
  writeSync(file, '{');
  for (const [index, [task, rows]] of [...samples].entries()) {
    writeSync(file, `${index === 0 ? '' : ','}\n${JSON.stringify(task)}: [`);
    for (const [position, row] of rows.entries())
      writeSync(file, `${position === 0 ? '' : ','}\n${JSON.stringify(row)}`);
    writeSync(file, '\n]');
  }
  writeSync(file, '\n}\n');
  closeSync(file);
  writeWhole(join(folder, 'summary.json'), JSON.stringify(summary));
}

export const readSummary = (dataDir: string, id: string): unknown =>
  JSON.parse(readFileSync(join(folderOf(dataDir, id), 'summary.json'), 'utf8'));

/** A ZIP of `results.json`, as a stream. */
export function zipResults(dataDir: string, id: string): NodeJS.ReadableStream {
  const zip = new ZipFile();
  zip.addReadStream(createReadStream(join(folderOf(dataDir, id), 'results.json')), 'results.json');
  zip.end();
  return zip.outputStream;
}

export const deleteResults = (dataDir: string, id: string): void =>
  rmSync(folderOf(dataDir, id), { recursive: true, force: true });
