import { closeSync, createReadStream, existsSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ZipFile } from 'yazl';
import { timestamp } from './entity-ids.js';
import { LOG_FILE } from './evaluation-log.js';
import type { Evaluation } from './evaluation-config.js';
import type { Metric } from './evaluation-metric.js';
import type { Sample } from './evaluation-sample.js';
import { scoreNames } from './metric-scores.js';
import { addCounts, corpusBleu } from './scores/bleu.js';

export interface EvaluationResult {
  id: string;
  job: string;
  created_at: string;
  updated_at: string;
  [member: string]: unknown;
}

/** What an evaluation found: every score of every metric of every task. */
export function resultOf(
  evaluation: Evaluation & { id: string; namespace: string; created_at: string },
  samples: Map<string, Sample[]>,
): EvaluationResult {
  const tasks = Object.entries(evaluation.config.tasks).map(([name, task]) => {
    const done = samples.get(name) ?? [];
    const metrics = Object.entries(task.metrics).map(([metric, definition]) => [
      metric,
      { scores: summarize(definition, metric, done) },
    ]);
    return [name, { metrics: Object.fromEntries(metrics) }];
  });
  return {
    created_at: evaluation.created_at,
    updated_at: timestamp(),
    // Follows from the job's: what a job finds once more after a restart takes the place of what it found before.
    id: evaluation.id.replace(/^eval-/, 'evaluation_result-'),
    job: evaluation.id,
    tasks: Object.fromEntries(tasks),
    groups: {},
    namespace: evaluation.namespace,
    custom_fields: {},
  };
}

function summarize(definition: Metric, metric: string, samples: Sample[]): Record<string, object> {
  const scores = scoreNames(definition).map((score) => [score, summarizeScore(samples, metric, score)]);
  const counts = samples.flatMap((sample) => sample.metrics[metric]?.counts ?? []);
  // The score of a corpus is no mean: it is computed from all rows together.
  const corpus = definition.type === 'bleu' && {
    corpus: { value: counts.length > 0 ? corpusBleu(addCounts(counts)) : null },
  };
  return { ...Object.fromEntries(scores), ...corpus };
}

/** Samples without a value are counted in `nan_count` and enter no mean. */
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

const SAMPLES_FILE = 'results.json';

/** A job's files: `results.json` with every sample, and its log. */
export const folderOf = (dataDir: string, id: string) => join(dataDir, 'evaluation-results', id);

/** Writes sample by sample: all of them as one text could be too long for a string. */
export function saveSamples(dataDir: string, id: string, samples: Map<string, Sample[]>): void {
  const folder = folderOf(dataDir, id);
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, SAMPLES_FILE), 'w', 0o600);
  writeSync(file, '{');
  for (const [index, [task, rows]] of [...samples].entries()) {
    writeSync(file, `${index === 0 ? '' : ','}\n${JSON.stringify(task)}: [`);
    for (const [position, row] of rows.entries())
      writeSync(file, `${position === 0 ? '' : ','}\n${JSON.stringify(row)}`);
    writeSync(file, '\n]');
  }
  writeSync(file, '\n}\n');
  closeSync(file);
}

/** A ZIP of every sample. */
export const zipSamples = (dataDir: string, id: string): NodeJS.ReadableStream =>
  zipped(folderOf(dataDir, id), SAMPLES_FILE);

/** A ZIP of the log. */
export const zipLog = (dataDir: string, id: string): NodeJS.ReadableStream =>
  zipped(folderOf(dataDir, id), LOG_FILE);

function zipped(folder: string, name: string): NodeJS.ReadableStream {
  const zip = new ZipFile();
  // A job that was never begun has no log yet: its archive is empty.
  if (existsSync(join(folder, name))) zip.addReadStream(createReadStream(join(folder, name)), name);
  zip.end();
  return zip.outputStream;
}

export const deleteResults = (dataDir: string, id: string): void =>
  rmSync(folderOf(dataDir, id), { recursive: true, force: true });
