import type { estypes } from '@elastic/elasticsearch';
import type { OfClients } from '../clients.js';
import type { ElasticsearchConnection } from './connection.js';

interface WorkloadKey {
  workloadId: string;
  clientId: string;
}

/** Of one workload and client: how many documents, and what the aggregations say of them. */
export type Bucket<T> = { key: WorkloadKey; doc_count: number } & T;

interface Page<T> {
  workloads: { after_key?: Record<keyof WorkloadKey, string>; buckets: Bucket<T>[] };
}

interface Question extends OfClients {
  index: string;
  /** Where the names stand in the index. */
  fields: WorkloadKey;
  /** Buckets of one answer. */
  size: number;
  aggs: Record<string, estypes.AggregationsAggregationContainer>;
}

/** Asks for the aggregations of each workload and client that is asked for; an index that is not there has none. */
export async function eachBucket<T>(
  connection: ElasticsearchConnection,
  { index, fields, clientIds, size, aggs }: Question,
): Promise<Bucket<T>[]> {
  const buckets: Bucket<T>[] = [];
  const sources = [
    { workloadId: { terms: { field: fields.workloadId } } },
    { clientId: { terms: { field: fields.clientId } } },
  ];
  let after: Record<string, string> | undefined;
  do {
    const composite = { size, sources, ...(after ? { after } : {}) };
    const { aggregations } = await connection.call((client) =>
      client.search<unknown, Page<T>>({
        index,
        ignore_unavailable: true,
        size: 0,
        track_total_hits: false,
        ...(clientIds && { query: { terms: { [fields.clientId]: [...clientIds] } } }),
        aggs: { workloads: { composite, aggs } },
      }),
    );
    buckets.push(...(aggregations?.workloads.buckets ?? []));
    after = aggregations?.workloads.after_key;
  } while (after);
  return buckets;
}
