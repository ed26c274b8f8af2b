import type { LogRecord, LogStore } from '../stores/log-store.js';
import { ImportError } from './import-error.js';
import { type LogLine, readLogFile } from './read-log-file.js';

export interface ImportSummary {
  /** Lines that are not blank: each is appended, a duplicate or rejected. */
  lines: number;
  appended: number;
  duplicates: number;
  /** The first of the rejected lines. */
  rejected: { line: number; reason: string }[];
  rejectedCount: number;
  /** What of the file is in the store now, most records first. */
  workloads: { workloadId: string; clientId: string; records: number }[];
}

export type ImportProgress = Pick<ImportSummary, 'lines' | 'appended' | 'duplicates' | 'rejectedCount'>;

const BATCH_RECORDS = 500;
const BATCH_BYTES = 8_000_000;
const REJECTED_SHOWN = 20;

/**
 * Appends a log file's records in batches; an ImportError where there is nothing to read. A StoreError on the way
 * leaves what was appended so far; importing again adds only the rest.
 */
export async function importLogFile(
  path: string,
  logs: Pick<LogStore, 'append'>,
  options: { onProgress?: (progress: ImportProgress) => void } = {},
): Promise<ImportSummary> {
  const tally = new Tally();
  let batch: LogLine[] = [];
  let bytes = 0;
  const flush = async () => {
    await appendBatch(batch, logs, tally);
    options.onProgress?.(tally.progress());
    batch = [];
    bytes = 0;
  };
  for await (const item of readLogFile(path)) {
    tally.lines += 1;
    batch.push(item);
    if ('bytes' in item) bytes += item.bytes;
    if (batch.length === BATCH_RECORDS || bytes > BATCH_BYTES) await flush();
  }
  if (tally.lines === 0) throw new ImportError(`${path} is empty: it has no log record`);
  await flush();
  return tally.summary();
}

async function appendBatch(batch: LogLine[], logs: Pick<LogStore, 'append'>, tally: Tally): Promise<void> {
  const records = batch.flatMap((item) => ('record' in item ? [item.record] : []));
  const { appended, duplicates, errors } = await logs.append(records);
  tally.appended += appended;
  tally.duplicates += duplicates;
  const refused = new Map(errors.map(({ index, reason }) => [index, reason]));
  let index = 0;
  for (const item of batch) {
    const reason = 'error' in item ? item.error : refused.get(index++);
    if (reason !== undefined) tally.reject(item.line, reason);
    else if ('record' in item) tally.keep(item.record);
  }
}

class Tally {
  lines = 0;
  appended = 0;
  duplicates = 0;
  rejectedCount = 0;
  readonly #rejected: ImportSummary['rejected'] = [];
  readonly #workloads = new Map<string, ImportSummary['workloads'][number]>();

  reject(line: number, reason: string): void {
    this.rejectedCount += 1;
    if (this.#rejected.length < REJECTED_SHOWN) this.#rejected.push({ line, reason });
  }

  keep(record: unknown): void {
    // The store has accepted it, so it has both names.
    const { workload_id: workloadId, client_id: clientId } = record as LogRecord;
    const key = JSON.stringify([workloadId, clientId]);
    const workload = this.#workloads.get(key) ?? { workloadId, clientId, records: 0 };
    workload.records += 1;
    this.#workloads.set(key, workload);
  }

  progress(): ImportProgress {
    const { lines, appended, duplicates, rejectedCount } = this;
    return { lines, appended, duplicates, rejectedCount };
  }

  summary(): ImportSummary {
    const workloads = [...this.#workloads.values()].sort((a, b) => b.records - a.records);
    return { ...this.progress(), rejected: this.#rejected, workloads };
  }
}
