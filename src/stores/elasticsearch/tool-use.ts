import type { OfClients } from '../clients.js';
import { TOOL_SAMPLE, type ToolUse } from '../log-store.js';
import type { ElasticsearchConnection } from './connection.js';
import { eachBucket } from './each-bucket.js';
import type { LogFields } from './log-index.js';

interface Newest {
  newest: { hits: { hits: { _source?: unknown }[] } };
}

/** Their sources are read whole by the server, though little of them is sent. */
const PAGE_WORKLOADS = 20;

/** Looks into the newest records of each workload. */
export async function readToolUse(
  connection: ElasticsearchConnection,
  index: string,
  { workloadId, clientId }: LogFields,
  of: OfClients,
): Promise<ToolUse[]> {
  const newest = {
    top_hits: {
      size: TOOL_SAMPLE,
      sort: [{ timestamp: { order: 'desc' as const } }],
      _source: { includes: ['response.choices.message.tool_calls.function.name'] },
    },
  };
  const fields = { workloadId, clientId };
  const buckets = await eachBucket<Newest>(connection, {
    ...of,
    index,
    fields,
    size: PAGE_WORKLOADS,
    aggs: { newest },
  });
  return buckets.map(({ key, newest: { hits } }) => ({
    ...key,
    sampled: hits.hits.length,
    withTools: hits.hits.filter(({ _source }) => namesATool(_source)).length,
  }));
}

/** Nothing but names of called tools was asked for. */
const namesATool = (source: unknown): boolean => JSON.stringify(source ?? {}).includes('"name":');
