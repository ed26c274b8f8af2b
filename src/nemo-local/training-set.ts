import { readFileSync } from 'node:fs';
import { openDatasetFiles, parseJsonLines } from './dataset-files.js';
import type { TrainingRow } from './engine/types.js';
import type { Platform } from './platform.js';
import { toTrainingRow, type RowForm } from './training-row.js';

/** The files of a dataset that a training reads. */
export interface TrainingFiles {
  dataset: string;
  training: LocalFile[];
  validation: LocalFile[];
}

interface LocalFile {
  /** In the dataset: `training/train_data.jsonl`. */
  path: string;
  /** Where its bytes lie. */
  localPath: string;
}

export interface TrainingSet {
  rows: TrainingRow[];
  validation: TrainingRow[];
}

/** Finds `training/*.jsonl` and `validation/*.jsonl` of a registered dataset. Throws an Error that says what is missing. */
export function findTrainingFiles(platform: Platform, dataset: string): TrainingFiles {
  const entity = platform.datasets.get(dataset);
  if (!entity) throw new Error(`dataset ${dataset} is not registered in the entity store`);
  const source = openDatasetFiles(platform, String(entity['files_url']));
  const inFolder = (folder: string) =>
    source.files
      .filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.jsonl'))
      .map((file) => ({ path: file.path, localPath: source.localPath(file) }));
  return { dataset, training: inFolder('training'), validation: inFolder('validation') };
}

/**
 * Reads all rows; without validation rows a tenth of the training rows is held out. Throws an Error that says what is wrong with
 * which line.
 */
export function readTrainingSet({ dataset, ...files }: TrainingFiles, form: RowForm): TrainingSet {
  const read = ({ path, localPath }: LocalFile): TrainingRow[] =>
    parseJsonLines(readFileSync(localPath, 'utf8'), path).map(({ line, value }) =>
      toTrainingRow(value, `${path} line ${line}`, form),
    );
  const rows = files.training.flatMap(read);
  const validation = files.validation.flatMap(read);
  if (rows.length === 0)
    throw new Error(`dataset ${dataset} has no training row: training/*.jsonl is missing or empty`);
  if (validation.length > 0) return { rows, validation };
  const kept = Math.ceil(rows.length * 0.9);
  return { rows: rows.slice(0, kept), validation: rows.slice(kept) };
}
