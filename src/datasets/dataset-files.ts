import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { IclConfig } from '../config/run-config.js';
import type { LocalFile } from '../nemo/data-store.js';
import type { Digests } from '../records/digests.js';
import { exampleBudget, fittingExamples, toInContextRow } from '../records/in-context.js';
import { type RowOrigin, toEvaluationRow } from '../records/rows.js';
import type { Slice } from '../records/slices.js';
import type { ExampleOrder } from './example-order.js';
import { RenderedExamples } from './rendered-examples.js';
import type { Watch } from './request.js';
import type { Spool } from './spool.js';

const PROGRESS_EVERY = 100;

/** Writes one row after the other, and says now and then how many; resolves with where they lie. */
async function writeRows(
  folder: string,
  path: string,
  rows: AsyncIterable<unknown>,
  { signal, onProgress }: Watch,
): Promise<LocalFile> {
  const localPath = join(folder, path);
  await mkdir(dirname(localPath), { recursive: true, mode: 0o700 });
  let written = 0;
  const lines = async function* () {
    for await (const row of rows) {
      if (++written % PROGRESS_EVERY === 0) onProgress({ writing: path, rows: written });
      yield `${JSON.stringify(row)}\n`;
    }
  };
  const target = createWriteStream(localPath, { mode: 0o600 });
  await pipeline(Readable.from(lines()), target, { signal });
  return { path, localPath };
}

/** Where the rows are: numbers of records in the digests, their content in the spool; and who waits for them. */
export interface RowSource {
  spool: Spool;
  digests: Digests;
  watch: Watch;
}

export async function writeEvaluationFile(
  source: RowSource,
  slice: Slice,
  origin: RowOrigin,
): Promise<LocalFile> {
  const folder = join(source.spool.folder, 'eval');
  return await writeRows(folder, slice.file, evaluationRows(source, slice, origin), source.watch);
}

async function* evaluationRows(source: RowSource, slice: Slice, origin: RowOrigin) {
  for (const record of slice.rows) yield await evaluationRow(source, record, origin);
}

async function evaluationRow({ spool, digests }: RowSource, record: number, origin: RowOrigin) {
  return toEvaluationRow(digests.idOf(record), await spool.read(digests.placeOf(record)), origin);
}

/** Evaluation rows behind examples from the training rows; counts the rows that got fewer than they should. */
export class InContextFiles {
  private readonly source: RowSource;
  private readonly icl: IclConfig;
  private readonly order: ExampleOrder;
  private readonly rendered: RenderedExamples;
  rowsWithoutEnough = 0;

  constructor(source: RowSource, order: ExampleOrder, icl: IclConfig) {
    this.source = source;
    this.order = order;
    this.icl = icl;
    this.rendered = new RenderedExamples((record) => source.spool.read(source.digests.placeOf(record)));
  }

  async write(slice: Slice, origin: RowOrigin): Promise<LocalFile> {
    const { spool, watch } = this.source;
    return await writeRows(join(spool.folder, 'icl'), slice.file, this.rows(slice, origin), watch);
  }

  private async *rows(slice: Slice, origin: RowOrigin) {
    for (const record of slice.rows) {
      const row = await evaluationRow(this.source, record, origin);
      const candidates = this.examples(this.order.of(record));
      const budget = exampleBudget(row, this.icl);
      const examples = await fittingExamples(candidates, this.icl.maxExamples, budget);
      if (examples.length < this.icl.minExamples) this.rowsWithoutEnough++;
      yield toInContextRow(row, examples);
    }
  }

  private async *examples(order: readonly number[]) {
    for (const record of order) yield await this.rendered.of(record);
  }
}
