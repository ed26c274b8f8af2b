import { errors, type estypes } from '@elastic/elasticsearch';
import type { ExportQuery, LogRecord, StoredRecord } from '../log-store.js';
import { StoreError } from '../store-error.js';
import type { ElasticsearchConnection } from './connection.js';
import type { LogFields } from './log-index.js';

/** How long the reader may take for one page. */
const KEEP_ALIVE = '15m';
const PAGE_RECORDS = 1000;
/** A page with more text than this is asked for again in smaller pieces. */
const PAGE_BYTES = 32_000_000;
/** Records of one instant are put in the order of their ids, this many at a time. */
const TIES = 1000;

interface Hit {
  id: string;
  source: unknown;
  sort: estypes.SortResults;
}

/** Every record of the workload as it was when the export began; in memory at most a page and the ties of an instant. */
export async function* exportRecords(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  query: ExportQuery,
): AsyncGenerator<StoredRecord> {
  for await (const { id, source } of tiesById(readHits(connection, index, fields, query))) {
    query.signal?.throwIfAborted();
    // A keyword may be normalised or hold several values; a record belongs to the workload that it names.
    if (isRecordOf(source, query)) yield { id, record: source };
  }
}

async function* readHits(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  { workloadId, clientId, signal }: ExportQuery,
): AsyncGenerator<Hit> {
  const filter = [{ term: { [fields.workloadId]: workloadId } }, { term: { [fields.clientId]: clientId } }];
  const pit = await connection.call(
    (client) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }, abortedBy(signal)),
    signal,
  );
  const page: Page = { pit: pit.id, size: PAGE_RECORDS, after: undefined };
  try {
    for (;;) {
      const hits = await readPage(connection, page, { bool: { filter } }, signal);
      yield* hits;
      if (hits.length < page.size) return;
      page.after = hits.at(-1)?.sort;
      if (page.size < PAGE_RECORDS) page.size = fittingSize(hits);
    }
  } finally {
    // It would go by itself; a failure here must not hide why the export ended.
    await connection.call((client) => client.closePointInTime({ id: page.pit })).catch(() => undefined);
  }
}

interface Page {
  pit: string;
  size: number;
  after: estypes.SortResults | undefined;
}

async function readPage(
  connection: ElasticsearchConnection,
  page: Page,
  query: object,
  signal: AbortSignal | undefined,
): Promise<Hit[]> {
  const request = {
    pit: { id: page.pit, keep_alive: KEEP_ALIVE },
    size: page.size,
    query,
    // A missing or unreadable time counts as the oldest: the default stands for it does not fit into a number.
    sort: [{ timestamp: { order: 'desc' as const, missing: 0 } }, { _shard_doc: 'asc' as const }],
    track_total_hits: false,
    ...(page.after ? { search_after: page.after } : {}),
  };
  const limit = page.size === 1 ? {} : { maxResponseSize: PAGE_BYTES };
  try {
    const answer = await connection.call(
      (client) => client.search<unknown>(request, { ...limit, ...abortedBy(signal) }),
      signal,
    );
    page.pit = answer.pit_id ?? page.pit;
    return answer.hits.hits.map((hit) => ({
      id: hit._id ?? '',
      source: hit._source,
      sort: hit.sort ?? [],
    }));
  } catch (error) {
    if (!isTooMuch(error) || page.size === 1) throw error;
    page.size = Math.ceil(page.size / 4);
    return readPage(connection, page, query, signal);
  }
}

/** More than we take at once, or than the server's memory has room for. */
const isTooMuch = (error: unknown): boolean =>
  error instanceof errors.RequestAbortedError ||
  (error instanceof StoreError && error.message.includes('circuit_breaking_exception'));

/** After a stretch of big records the pages grow again, as far as the last page's records would fit. */
function fittingSize(hits: Hit[]): number {
  const bytes = JSON.stringify(hits.map((hit) => hit.source)).length / hits.length;
  return Math.max(1, Math.min(PAGE_RECORDS, hits.length * 4, Math.floor(PAGE_BYTES / 2 / bytes)));
}

async function* tiesById(hits: AsyncIterable<Hit>): AsyncGenerator<Hit> {
  let ties: Hit[] = [];
  for await (const hit of hits) {
    if (ties.length === TIES || ties[0]?.sort[0] !== hit.sort[0]) {
      yield* ties.sort(byId);
      ties = [];
    }
    ties.push(hit);
  }
  yield* ties.sort(byId);
}

const byId = (a: Hit, b: Hit): number => (a.id < b.id ? -1 : 1);

const abortedBy = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

const isRecordOf = (source: unknown, { workloadId, clientId }: ExportQuery): source is LogRecord =>
  typeof source === 'object' &&
  source !== null &&
  'workload_id' in source &&
  source.workload_id === workloadId &&
  'client_id' in source &&
  source.client_id === clientId;
