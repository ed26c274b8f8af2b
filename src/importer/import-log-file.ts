import type { LogStore } from '../stores/log-store.js';
import { ImportError } from './import-error.js';
import { type ReadItem, type ReadRequest, readRecords } from './read-records.js';
import { openSource } from './sources/open-source.js';
import { type ImportProgress, type ImportSummary, Tally } from './tally.js';

export interface ImportOptions extends ReadRequest {
  onProgress?: (progress: ImportProgress) => void;
}

type Target = Pick<LogStore, 'append'>;
type Outcomes = ReadItem['outcomes'];

const BATCH_RECORDS = 500;
const BATCH_BYTES = 8_000_000;

/**
 * Appends a log file's records in batches; an ImportError where there is nothing to read. A StoreError on the way
 * leaves what was appended so far; importing again adds only the rest.
 */
export async function importLogFile(
  path: string,
  logs: Target,
  options: ImportOptions = {},
): Promise<ImportSummary> {
  const source = await openSource(path);
  const tally = new Tally();
  let batch: Outcomes = [];
  let bytes = 0;
  const flush = async () => {
    await appendBatch(batch, logs, tally);
    options.onProgress?.(tally.progress(source.share()));
    batch = [];
    bytes = 0;
  };
  for await (const item of readRecords(path, source, options)) {
    tally.items += 1;
    for (const outcome of item.outcomes) {
      batch.push(outcome);
      bytes += bytesOf(outcome, item);
      if (batch.length >= BATCH_RECORDS || bytes > BATCH_BYTES) await flush();
    }
  }
  if (tally.items === 0) throw new ImportError(`${path} is empty: it has no log record`);
  await flush();
  return tally.summary(source.unit);
}

/** A value of one record is about as long as that; of several, each is measured, as they may repeat what they share. */
function bytesOf({ outcome }: Outcomes[number], { bytes, outcomes }: ReadItem): number {
  if (outcomes.length === 1) return bytes;
  return 'record' in outcome ? Buffer.byteLength(JSON.stringify(outcome.record)) : 0;
}

async function appendBatch(batch: Outcomes, logs: Target, tally: Tally): Promise<void> {
  const records = batch.flatMap(({ outcome }) => ('record' in outcome ? [outcome.record] : []));
  const { appended, duplicates, errors } = await logs.append(records);
  tally.appended += appended;
  tally.duplicates += duplicates;
  const refused = new Map(errors.map(({ index, reason }) => [index, reason]));
  let index = 0;
  for (const { place, outcome, title } of batch) {
    if (title !== null) tally.readAs(title);
    if ('skipped' in outcome) tally.skipped += 1;
    else if ('rejected' in outcome) tally.reject(place, outcome.rejected);
    else countRecord(outcome.record, place, refused.get(index++), tally);
  }
}

function countRecord(record: unknown, place: string, reason: string | undefined, tally: Tally): void {
  if (reason === undefined) tally.keep(record);
  else tally.reject(place, reason);
}
