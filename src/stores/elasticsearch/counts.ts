import { END_MILLISECONDS, FIRST_MILLISECONDS } from '../../records/timestamp.js';
import type { CountQuery, RecordCounts } from '../log-store.js';
import type { ElasticsearchConnection } from './connection.js';
import type { LogFields } from './log-index.js';

/** Counts the records of one workload, and those that are later than a time; the index may hold seconds. */
export async function countRecords(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  { workloadId, clientId, since }: CountQuery,
): Promise<RecordCounts> {
  const workload = [{ term: { [fields.workloadId]: workloadId } }, { term: { [fields.clientId]: clientId } }];
  const later = [
    { range: { timestamp: { gt: Math.max(since, FIRST_MILLISECONDS), lt: END_MILLISECONDS } } },
    { range: { timestamp: { gt: Math.floor(since / 1000), lt: FIRST_MILLISECONDS } } },
  ];
  const count = async (filter: object[]) =>
    (await connection.call((client) => client.count({ index, query: { bool: { filter } } }))).count;
  return { all: await count(workload), since: await count([...workload, { bool: { should: later } }]) };
}
