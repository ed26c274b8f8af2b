import { parse as parseCsv } from 'csv-parse/sync';
import { openDatasetFiles, parseJsonLines } from './dataset-files.js';
import type { DatasetRef, Evaluation, EvaluationTask } from './evaluation-config.js';
import type { Platform } from './platform.js';

/** The rows that a task scores: its own dataset's, else its target's. */
export function readRows(
  platform: Platform,
  { config, target }: Evaluation,
  task: EvaluationTask,
): unknown[] {
  const source = task.dataset ?? rowsOf(target);
  const rows = Array.isArray(source) ? source : readDataset(platform, source);
  const limit = (typeof source === 'object' && 'limit' in source ? source.limit : null) ?? Infinity;
  return rows.slice(0, Math.min(limit, config.params?.limit_samples ?? Infinity));
}

/** Whether the number of rows is bounded by the request: only then does the platform tell a progress. */
export const isLimited = ({ config, target }: Evaluation): boolean =>
  Boolean(config.params?.limit_samples) ||
  Object.values(config.tasks).every((task) => {
    const source = task.dataset ?? rowsOf(target);
    return typeof source === 'object' && 'limit' in source && Boolean(source.limit);
  });

function rowsOf(target: Evaluation['target']): DatasetRef | unknown[] {
  switch (target.type) {
    case 'rows':
      return target.rows;
    case 'dataset':
      return target.dataset;
    case 'cached_outputs':
      return target.cached_outputs;
    case 'model':
      throw new Error('a target of type model has no rows');
  }
}

/** The rows of a file or folder: JSON lines, one JSON array, or CSV under a line of names. */
function readDataset(platform: Platform, dataset: DatasetRef): unknown[] {
  const url = typeof dataset === 'string' ? urlOf(platform, dataset) : dataset.files_url;
  const source = openDatasetFiles(platform, url);
  const rows = source.files
    .filter(({ path }) => /\.(jsonl?|csv)$/.test(path))
    .flatMap((file) => parseRows(source.read(file), file.path));
  if (rows.length === 0) throw new Error(`${url} holds no row to evaluate`);
  return rows;
}

function urlOf({ datasets }: Platform, name: string): string {
  if (name.startsWith('hf://')) return name;
  const entity = datasets.get(name);
  if (!entity) throw new Error(`dataset ${name} is not registered in the entity store`);
  return String(entity['files_url']);
}

function parseRows(text: string, path: string): unknown[] {
  if (path.endsWith('.csv')) return parseCsvRows(text, path);
  if (!text.trimStart().startsWith('[')) return parseJsonLines(text, path).map(({ value }) => value);
  const rows: unknown = JSON.parse(text);
  return Array.isArray(rows) ? rows : [rows];
}

/** Every value is text, as CSV has no kinds. */
function parseCsvRows(text: string, path: string): unknown[] {
  try {
    return parseCsv(text, { bom: true, columns: true, skip_empty_lines: true });
  } catch (error) {
    throw new Error(`${path} is not CSV: ${String(error)}`, { cause: error });
  }
}
