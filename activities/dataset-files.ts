import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { IclConfig } from '../src/config/run-config.js';
import type { LocalFile } from '../src/nemo/data-store.js';
import type { Digest } from '../src/records/digest.js';
import {
  type Example,
  exampleBudget,
  fittingExamples,
  renderExample,
  tokensOfExample,
  toInContextRow,
} from '../src/records/in-context.js';
import { type RowOrigin, toEvaluationRow, toTrainingRow } from '../src/records/rows.js';
import type { Slice } from '../src/records/slices.js';
import type { ExampleOrder } from './example-order.js';
import type { Spool } from './spool.js';

const HEARTBEAT_EVERY = 100;

/** Writes one row after the other, with a heartbeat now and then; resolves with where they lie. */
async function writeRows(folder: string, path: string, rows: AsyncIterable<unknown>): Promise<LocalFile> {
  const localPath = join(folder, path);
  await mkdir(dirname(localPath), { recursive: true, mode: 0o700 });
  let written = 0;
  const lines = async function* () {
    for await (const row of rows) {
      if (++written % HEARTBEAT_EVERY === 0) heartbeat({ writing: path, rows: written });
      yield `${JSON.stringify(row)}\n`;
    }
  };
  const target = createWriteStream(localPath, { mode: 0o600 });
  await pipeline(Readable.from(lines()), target, { signal: cancellationSignal() });
  return { path, localPath };
}

export async function writeTrainingFile(
  spool: Spool,
  path: string,
  rows: readonly Digest[],
): Promise<LocalFile> {
  return await writeRows(join(spool.folder, 'train'), path, trainingRows(spool, rows));
}

async function* trainingRows(spool: Spool, rows: readonly Digest[]) {
  for (const digest of rows) yield toTrainingRow(await spool.read(digest));
}

export async function writeEvaluationFile(spool: Spool, slice: Slice, origin: RowOrigin): Promise<LocalFile> {
  return await writeRows(join(spool.folder, 'eval'), slice.file, evaluationRows(spool, slice, origin));
}

async function* evaluationRows(spool: Spool, slice: Slice, origin: RowOrigin) {
  for (const digest of slice.rows) yield toEvaluationRow(digest.id, await spool.read(digest), origin);
}

/** Evaluation rows behind examples from the training rows; counts the rows that got fewer than they should. */
export class InContextFiles {
  private readonly spool: Spool;
  private readonly icl: IclConfig;
  private readonly order: ExampleOrder;
  private readonly rendered = new Map<string, Example>();
  rowsWithoutEnough = 0;

  constructor(spool: Spool, order: ExampleOrder, icl: IclConfig) {
    this.spool = spool;
    this.icl = icl;
    this.order = order;
  }

  async write(slice: Slice, origin: RowOrigin): Promise<LocalFile> {
    return await writeRows(join(this.spool.folder, 'icl'), slice.file, this.rows(slice, origin));
  }

  private async *rows(slice: Slice, origin: RowOrigin) {
    for (const digest of slice.rows) {
      const row = toEvaluationRow(digest.id, await this.spool.read(digest), origin);
      const examples = await this.choose(this.order.of(digest), exampleBudget(row, this.icl));
      if (examples.length < this.icl.minExamples) this.rowsWithoutEnough++;
      yield toInContextRow(row, examples);
    }
  }

  private async choose(order: readonly Digest[], budget: number): Promise<Example[]> {
    const examples: Example[] = [];
    for (const digest of order) examples.push(await this.example(digest));
    return fittingExamples(examples, this.icl.maxExamples, budget);
  }

  private async example(digest: Digest): Promise<Example> {
    const known = this.rendered.get(digest.id);
    if (known) return known;
    const text = renderExample(await this.spool.read(digest));
    const example = { text, tokens: tokensOfExample(text) };
    this.rendered.set(digest.id, example);
    return example;
  }
}
