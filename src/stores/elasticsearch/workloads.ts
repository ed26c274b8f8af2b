import { timestampMs } from '../../records/timestamp.js';
import type { WorkloadSummary } from '../log-store.js';
import type { ElasticsearchConnection } from './connection.js';
import { type Bucket, eachBucket } from './each-bucket.js';
import type { LogFields } from './log-index.js';

interface Span {
  firstAt: { value: number | null };
  lastAt: { value: number | null };
}

const PAGE_WORKLOADS = 1000;

/** Counts the records of each workload and client; a time span of 0 means that no timestamp was readable. */
export async function readWorkloads(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
): Promise<WorkloadSummary[]> {
  const aggs = { firstAt: { min: { field: 'timestamp' } }, lastAt: { max: { field: 'timestamp' } } };
  const buckets = await eachBucket<Span>(connection, { index, fields, size: PAGE_WORKLOADS, aggs });
  return buckets.map(toSummary);
}

/** Exporters that write seconds where the index reads milliseconds are understood. */
function toSummary({ key, doc_count, firstAt, lastAt }: Bucket<Span>): WorkloadSummary {
  const first = timestampMs(firstAt.value) ?? 0;
  const last = timestampMs(lastAt.value) ?? 0;
  return { ...key, records: doc_count, firstAt: Math.min(first, last), lastAt: Math.max(first, last) };
}
