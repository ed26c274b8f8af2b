import { contentHash, isDeeperThan, MAX_LEVELS } from '../records/json.js';
import { isMarkedNumber, withLongNumbers } from '../records/long-numbers.js';
import { timestampMs } from '../records/timestamp.js';
import type { AppendError } from './log-store.js';

/** A log record as stores keep it. */
export interface IncomingRecord {
  /** Its place in the list that was given. */
  index: number;
  /** 32 hex digits of the SHA-256 of its content. */
  id: string;
  workloadId: string;
  clientId: string;
  atMs: number;
  /** The record with its `timestamp` in epoch milliseconds. */
  json: string;
  bytes: number;
}

/** A dynamic mapping of Elasticsearch does not index longer texts. */
const MAX_NAME = 256;
export const MAX_RECORD_BYTES = 10_000_000;

const BATCH_RECORDS = 500;
const BATCH_BYTES = 8_000_000;

/** Reads what is to be appended: what can be kept, and why the rest cannot. Long numbers may be marked (`parseMarked`). */
export function readIncoming(items: readonly unknown[]): {
  records: IncomingRecord[];
  errors: AppendError[];
} {
  const records: IncomingRecord[] = [];
  const errors: AppendError[] = [];
  for (const [index, item] of items.entries()) {
    const read = readOne(item, index);
    if (typeof read === 'string') errors.push({ index, reason: read });
    else records.push(read);
  }
  return { records, errors };
}

/** Groups records into requests that no store finds too big. */
export function* inBatches<T extends { bytes: number }>(records: readonly T[]): Generator<T[]> {
  let batch: T[] = [];
  let bytes = 0;
  for (const record of records) {
    if (batch.length === BATCH_RECORDS || (batch.length > 0 && bytes + record.bytes > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += record.bytes;
  }
  if (batch.length > 0) yield batch;
}

function readOne(item: unknown, index: number): IncomingRecord | string {
  if (!isObject(item)) return 'not a JSON object';
  const { workload_id: workloadId, client_id: clientId } = item;
  if (!isName(workloadId)) return wrongName('workload_id');
  if (!isName(clientId)) return wrongName('client_id');
  const atMs = timestampMs(item['timestamp']);
  if (atMs === null) return '`timestamp` must be epoch seconds, epoch milliseconds or an ISO 8601 text';
  for (const key of ['request', 'response']) if ((item[key] ?? null) === null) return `\`${key}\` is missing`;
  if (isDeeperThan(item, MAX_LEVELS)) return `nested deeper than ${MAX_LEVELS} levels`;

  // MongoDB's export writes `_id`, a name that Elasticsearch keeps to itself; it says nothing of the traffic.
  const kept: Record<string, unknown> = { ...item, timestamp: atMs };
  delete kept['_id'];
  const json = withLongNumbers(kept);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_RECORD_BYTES)
    return `${(bytes / 1e6).toFixed(1)} MB long; a record may have ${MAX_RECORD_BYTES / 1e6} MB`;
  const id = contentHash(kept, 32);
  return { index, id, workloadId, clientId, atMs, json, bytes };
}

const isObject = (item: unknown): item is Record<string, unknown> =>
  typeof item === 'object' && item !== null && !Array.isArray(item);

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME && !isMarkedNumber(value);

const wrongName = (key: string): string => `\`${key}\` must be a text of 1 to ${MAX_NAME} characters`;
