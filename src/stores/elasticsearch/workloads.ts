import { timestampMs } from '../../records/timestamp.js';
import type { WorkloadSummary } from '../log-store.js';
import type { ElasticsearchConnection } from './connection.js';
import type { LogFields } from './log-index.js';

interface WorkloadKey {
  workloadId: string;
  clientId: string;
}

interface WorkloadPage {
  workloads: {
    after_key?: Record<keyof WorkloadKey, string>;
    buckets: {
      key: WorkloadKey;
      doc_count: number;
      firstAt: { value: number | null };
      lastAt: { value: number | null };
    }[];
  };
}

const PAGE_WORKLOADS = 1000;

/** Counts the records of each workload and client; a time span of 0 means that no timestamp was readable. */
export async function readWorkloads(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
): Promise<WorkloadSummary[]> {
  const summaries: WorkloadSummary[] = [];
  let after: Record<string, string> | undefined;
  do {
    const page = await readPage(connection, index, fields, after);
    summaries.push(...page.buckets.map(toSummary));
    after = page.after_key;
  } while (after);
  return summaries;
}

async function readPage(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  after: Record<string, string> | undefined,
): Promise<WorkloadPage['workloads']> {
  const composite = {
    size: PAGE_WORKLOADS,
    sources: [
      { workloadId: { terms: { field: fields.workloadId } } },
      { clientId: { terms: { field: fields.clientId } } },
    ],
    ...(after ? { after } : {}),
  };
  const span = { firstAt: { min: { field: 'timestamp' } }, lastAt: { max: { field: 'timestamp' } } };
  const { aggregations } = await connection.call((client) =>
    client.search<unknown, WorkloadPage>({
      index,
      size: 0,
      track_total_hits: false,
      aggs: { workloads: { composite, aggs: span } },
    }),
  );
  return aggregations?.workloads ?? { buckets: [] };
}

/** Exporters that write seconds where the index reads milliseconds are understood. */
function toSummary({ key, doc_count, firstAt, lastAt }: WorkloadPage['workloads']['buckets'][number]) {
  const first = timestampMs(firstAt.value) ?? 0;
  const last = timestampMs(lastAt.value) ?? 0;
  return { ...key, records: doc_count, firstAt: Math.min(first, last), lastAt: Math.max(first, last) };
}
