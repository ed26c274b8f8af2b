import type { estypes } from '@elastic/elasticsearch';
import { FIRST_MILLISECONDS } from '../../records/timestamp.js';
import type { DeleteQuery } from '../log-store.js';
import { StoreError } from '../store-error.js';
import { type ElasticsearchConnection, reasonOf } from './connection.js';
import type { LogFields } from './log-index.js';

const KEEP_ALIVE = '5m';
const PAGE = 5_000;

/** How many records of the workload are older than that. */
export async function countBefore(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  query: DeleteQuery,
): Promise<number> {
  return (await connection.call((client) => client.count({ index, query: olderThan(fields, query) }))).count;
}

/** Deletes them, page by page: not every server deletes by query. Resolves with how many it deleted. */
export async function deleteBefore(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  query: DeleteQuery,
): Promise<number> {
  let { id } = await connection.call((client) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }));
  let deleted = 0;
  try {
    for (let after: estypes.SortResults | undefined; ;) {
      const { hits, pit_id } = await connection.call((client) =>
        client.search({
          pit: { id, keep_alive: KEEP_ALIVE },
          query: olderThan(fields, query),
          size: PAGE,
          _source: false,
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          allow_partial_search_results: false,
          ...(after && { search_after: after }),
        }),
      );
      id = pit_id ?? id;
      deleted += await deleteHits(connection, hits.hits);
      if (hits.hits.length < PAGE) return deleted;
      after = hits.hits.at(-1)?.sort;
    }
  } finally {
    // It would go by itself.
    await connection.call((client) => client.closePointInTime({ id })).catch(() => undefined);
    await connection.call((client) => client.indices.refresh({ index })).catch(() => undefined);
  }
}

async function deleteHits(connection: ElasticsearchConnection, hits: estypes.SearchHit[]): Promise<number> {
  if (hits.length === 0) return 0;
  const operations = hits.map(({ _index, _id }) => ({ delete: { _index, ...(_id && { _id }) } }));
  const { items } = await connection.call((client) => client.bulk({ operations }));
  const outcomes = items.map((item) => item.delete);
  const failed = outcomes.find((outcome) => outcome?.error);
  if (failed?.error)
    throw new StoreError(`Elasticsearch deleted only a part of the records: ${reasonOf(failed.error)}`, {
      retryable: true,
    });
  return outcomes.filter((outcome) => outcome?.result === 'deleted').length;
}

/** The index may hold seconds. A record without a readable time is never older. */
function olderThan(
  fields: LogFields,
  { workloadId, clientId, before }: DeleteQuery,
): estypes.QueryDslQueryContainer {
  const workload = [{ term: { [fields.workloadId]: workloadId } }, { term: { [fields.clientId]: clientId } }];
  if (before === null) return { bool: { filter: workload } };
  const seconds = Math.min(Math.ceil(before / 1000), FIRST_MILLISECONDS);
  const older = [
    { range: { timestamp: { gte: FIRST_MILLISECONDS, lt: before } } },
    { range: { timestamp: { lt: seconds } } },
  ];
  return { bool: { filter: [...workload, { bool: { should: older } }] } };
}
