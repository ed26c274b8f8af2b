import type { LocalFile } from '../nemo/data-store.js';
import type { Slice } from '../records/slices.js';
import type { Split } from '../records/split.js';
import { InContextFiles, type RowSource, writeEvaluationFile } from './dataset-files.js';
import type { ExampleOrder } from './example-order.js';
import type { Readers } from './readers.js';
import type { DatasetRequest } from './request.js';
import { writeTrainingFile } from './training-file.js';

/** The files of each dataset; evaluation and in-context have the same names and as many rows. */
export interface DatasetFiles {
  evaluation: LocalFile[];
  inContext: LocalFile[];
  training: LocalFile[];
}

const TRAINING_FILE = 'training/train_data.jsonl';
const VALIDATION_FILE = 'validation/val_data.jsonl';

/** The pass over the spool. */
export async function writeFiles(
  readers: Readers,
  source: RowSource,
  order: ExampleOrder,
  slices: Slice[],
  split: Split,
  request: DatasetRequest,
): Promise<{ files: DatasetFiles; warnings: string[] }> {
  const files: DatasetFiles = { evaluation: [], inContext: [], training: [] };
  const inContext = new InContextFiles(source, order, request.icl);
  for (const slice of slices) {
    files.evaluation.push(await writeEvaluationFile(source, slice, request));
    files.inContext.push(await inContext.write(slice, request));
  }
  files.training.push(await writeTrainingFile(readers, source, TRAINING_FILE, split.training));
  if (split.validation.length > 0)
    files.training.push(await writeTrainingFile(readers, source, VALIDATION_FILE, split.validation));
  const tooFew =
    inContext.rowsWithoutEnough === 0
      ? []
      : [
          `${inContext.rowsWithoutEnough} in-context rows have fewer than ${request.icl.minExamples} examples: no more ` +
            'fit into icl_config.max_context_length',
        ];
  return { files, warnings: [...order.warnings, ...tooFew] };
}
