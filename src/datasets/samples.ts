import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { LocalFile } from '../nemo/data-store.js';
import { type DatasetFiles, TRAINING_FILE, VALIDATION_FILE } from './files.js';

/** The first rows of each set, as a customizer or an evaluator gets them. */
export type Samples = Record<'evaluation' | 'inContext' | 'training' | 'validation', unknown[]>;

const ROWS = 3;

export async function samplesOf({ evaluation, inContext, training }: DatasetFiles): Promise<Samples> {
  const named = (name: string) => training.filter(({ path }) => path === name);
  return {
    evaluation: await firstRows(evaluation),
    inContext: await firstRows(inContext),
    training: await firstRows(named(TRAINING_FILE)),
    validation: await firstRows(named(VALIDATION_FILE)),
  };
}

async function firstRows(files: LocalFile[]): Promise<unknown[]> {
  const rows: unknown[] = [];
  for (const { localPath } of files) {
    const lines = createInterface({ input: createReadStream(localPath), crlfDelay: Infinity });
    for await (const line of lines) {
      rows.push(JSON.parse(line));
      if (rows.length === ROWS) return rows;
    }
  }
  return rows;
}
