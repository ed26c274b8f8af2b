import { END_MILLISECONDS, FIRST_MILLISECONDS, timestampMs } from '../../records/timestamp.js';
import type { OfClients } from '../clients.js';
import type { WorkloadSummary } from '../log-store.js';
import type { ElasticsearchConnection } from './connection.js';
import { type Bucket, eachBucket } from './each-bucket.js';
import type { LogFields } from './log-index.js';

interface Spans {
  /** By unit; null: no record has a time in it. */
  units: { buckets: { firstAt: { value: number | null }; lastAt: { value: number | null } }[] };
}

const PAGE_WORKLOADS = 1000;

/**
 * Counts the records of each workload and client; a time span of 0 means that no timestamp was readable. Exporters that
 * write seconds where the index reads milliseconds are understood, also beside others.
 */
export async function readWorkloads(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  of: OfClients,
): Promise<WorkloadSummary[]> {
  const buckets = await eachBucket<Spans>(connection, {
    ...of,
    index,
    fields,
    size: PAGE_WORKLOADS,
    aggs: { units },
  });
  return buckets.map(toSummary);
}

const SPAN = { firstAt: { min: { field: 'timestamp' } }, lastAt: { max: { field: 'timestamp' } } };

/** Seconds, then milliseconds, as `timestampMs` tells them apart. */
const units = {
  range: {
    field: 'timestamp',
    ranges: [
      { from: 0, to: FIRST_MILLISECONDS },
      { from: FIRST_MILLISECONDS, to: END_MILLISECONDS },
    ],
  },
  aggs: SPAN,
};

function toSummary({ key, doc_count, units: { buckets } }: Bucket<Spans>): WorkloadSummary {
  const times = buckets
    .flatMap(({ firstAt, lastAt }) => [timestampMs(firstAt.value), timestampMs(lastAt.value)])
    .filter((time) => time !== null);
  const hasTimes = times.length > 0;
  return {
    ...key,
    records: doc_count,
    firstAt: hasTimes ? Math.min(...times) : 0,
    lastAt: hasTimes ? Math.max(...times) : 0,
  };
}
