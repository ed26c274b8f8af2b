import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type BuiltFiles,
  type DatasetRequest,
  type Samples,
  withDatasets,
} from '../../src/datasets/index.js';
import type { LocalFile } from '../../src/nemo/data-store.js';
import { textHash } from '../../src/records/json.js';
import type { EvaluationRow, InContextRow, TrainingRow } from '../../src/records/rows.js';
import type { Funnel } from '../../src/run-record.js';
import { pageOf } from '../../src/stores/record-pages.js';
import { buildInput, SPLIT } from '../support/dataset-world.js';
import { aFolder } from '../support/local-platform.js';

export const NAMES = { workloadId: 'w', clientId: 'c' };

/** Datasets as whoever takes the files reads them. */
export interface ReadBack {
  evaluation: EvaluationRow[];
  inContext: InContextRow[];
  training: TrainingRow[];
  validation: TrainingRow[];
  /** Every file by its name, byte for byte. */
  bytes: Record<string, string>;
  built: Omit<BuiltFiles, 'files' | 'samples'>;
  /** What a preview shows of them. */
  samples: Samples;
}

/** How much of a build is asked for; what a test does not say asks for little. */
export interface BuildChange {
  split?: Partial<DatasetRequest['split']>;
  icl?: { maxExamples?: number };
  evaluation?: Partial<DatasetRequest['evaluation']>;
  /** Records that come in one page. */
  pageRecords?: number;
  threads?: number;
}

/** From log records, as JSON texts of a store, to files and back: the whole way, with its threads. */
export async function build(texts: readonly string[], change: BuildChange = {}): Promise<ReadBack> {
  const { icl, evaluation } = buildInput();
  const request: DatasetRequest = {
    ...NAMES,
    split: { ...SPLIT, minTotalRecords: 1, evalSize: 5, randomSeed: 1, ...change.split },
    icl: { ...icl, ...change.icl },
    evaluation: { ...evaluation, ...change.evaluation },
    seedName: 'test',
  };
  const services = {
    logs: storeOf(texts, change.pageRecords ?? 500),
    spoolDir: join(await aFolder(), 'spool'),
    embedding: null,
    threads: change.threads ?? 2,
  };
  const watch = { signal: new AbortController().signal, onProgress: () => undefined };
  return await withDatasets(services, request, watch, async ({ files, samples, ...built }) => {
    const named = (name: string) => files.training.filter(({ path }) => path.startsWith(name));
    return {
      evaluation: rowsOf<EvaluationRow>(files.evaluation),
      inContext: rowsOf<InContextRow>(files.inContext),
      training: rowsOf<TrainingRow>(named('training')),
      validation: rowsOf<TrainingRow>(named('validation')),
      bytes: Object.fromEntries(
        Object.entries(files).flatMap(([set, list]: [string, LocalFile[]]) =>
          list.map(({ path, localPath }) => [`${set}/${path}`, readFileSync(localPath, 'utf8')]),
        ),
      ),
      built,
      samples: await samples(),
    };
  });
}

export const splits = fc.record({
  evalSize: fc.integer({ min: 1, max: 25 }),
  valRatio: fc.constantFrom(0, 0.1, 0.5),
  randomSeed: fc.integer({ min: 0, max: 9 }),
  limit: fc.option(fc.integer({ min: 30, max: 60 })),
});

/** A split that this traffic cannot allow is refused; what is left to show are the others. */
export async function buildIfPossible(
  texts: readonly string[],
  change: BuildChange,
  refusal = /^eval_size cannot be larger/,
): Promise<ReadBack | null> {
  return await build(texts, change).catch((error: Error) => {
    expect(error.message).toMatch(refusal);
    return null;
  });
}

export const textsOf = (records: readonly unknown[]): string[] =>
  records.map((record) => JSON.stringify(record));

/** Records that lie in a store, by ids of their content, as all stores give them; whatever order it has them in. */
function storeOf(texts: readonly string[], pageRecords: number) {
  const kept = texts.map((json) => ({ id: textHash(json, 32), json }));
  return {
    async *export() {
      for (let from = 0; from < kept.length; from += pageRecords)
        yield await Promise.resolve(pageOf(kept.slice(from, from + pageRecords)));
    },
    workloads: () => Promise.resolve([]),
  };
}

const rowsOf = <T>(files: readonly LocalFile[]): T[] =>
  files.flatMap(({ localPath }) =>
    readFileSync(localPath, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T),
  );

/** Records that the funnel says to be somewhere. */
export const accountedFor = (funnel: Funnel): number =>
  funnel.rejected.reduce((sum, { count }) => sum + count, 0) +
  funnel.duplicates +
  funnel.beyondLimit +
  funnel.evaluation +
  funnel.training +
  funnel.validation +
  funnel.untrained.reduce((sum, { count }) => sum + count, 0);
