import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LocalFile } from '../nemo/data-store.js';
import { NO_TOOL } from '../records/digest.js';
import { toTrainingRow, type TrainingRow } from '../records/rows.js';
import type { Split } from '../records/split.js';
import type { RowSource } from './dataset-files.js';
import type { DatasetFiles } from './files.js';

/** A few rows of each set, as a customizer or an evaluator gets them, with tool calls and without where there are both. */
export interface Samples {
  evaluation: unknown[];
  /** The same rows as those of `evaluation`. */
  inContext: unknown[];
  training: TrainingRow[];
  validation: TrainingRow[];
}

const ROWS = 3;

export async function samplesOf(
  source: RowSource,
  { training, validation }: Split,
  files: Pick<DatasetFiles, 'evaluation' | 'inContext'>,
): Promise<Samples> {
  return {
    evaluation: await rowsOfFiles(files.evaluation),
    inContext: await rowsOfFiles(files.inContext),
    training: await trainingRows(source, training),
    validation: await trainingRows(source, validation),
  };
}

/** The first rows of the files, one of each in turn. */
async function rowsOfFiles(files: LocalFile[]): Promise<unknown[]> {
  const first = await Promise.all(files.map(({ localPath }) => firstRows(localPath)));
  const inTurn = Array.from({ length: ROWS }, (_, round) =>
    first.flatMap((rows) => rows.slice(round, round + 1)),
  );
  return inTurn.flat().slice(0, ROWS);
}

async function firstRows(path: string): Promise<unknown[]> {
  const rows: unknown[] = [];
  const input = createReadStream(path);
  try {
    for await (const line of createInterface({ input, crlfDelay: Infinity }))
      if (rows.push(JSON.parse(line)) === ROWS) break;
  } finally {
    input.destroy();
  }
  return rows;
}

/** The first rows, the last of them of the other kind if all others are of one. */
async function trainingRows({ spool, digests }: RowSource, rows: Uint32Array): Promise<TrainingRow[]> {
  const isCall = (row: number | undefined) => row !== undefined && digests.labelOf(row) !== NO_TOOL;
  const shown = [...rows.subarray(0, ROWS)];
  const isMixed = shown.some((row) => isCall(row) !== isCall(shown[0]));
  const other = isMixed ? undefined : rows.find((row) => isCall(row) !== isCall(shown[0]));
  if (other !== undefined) shown.splice(-1, 1, other);
  return await Promise.all(shown.map(async (row) => toTrainingRow(await spool.read(digests.placeOf(row)))));
}
