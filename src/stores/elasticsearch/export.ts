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
/** Of one instant so many records are kept in memory; of more only the ids, and the rest is read again in their order. */
const TIES = 1000;
const LEFT = Symbol('left to be read again');
/** The server's limit of one answer. */
const MOST_HITS = 10_000;

interface Hit {
  id: string;
  /** An alias may stand for several indices, which may hold the same id. */
  index: string;
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
  const { signal } = query;
  const pit = await connection.call(
    (client) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }, abortedBy(signal)),
    signal,
  );
  const reader: Reader = { connection, pit: pit.id, signal };
  try {
    for await (const { id, source } of tiesById(reader, readHits(reader, fields, query))) {
      signal?.throwIfAborted();
      // A keyword may be normalised or hold several values; a record belongs to the workload that it names.
      if (isRecordOf(source, query)) yield { id, record: source };
    }
  } finally {
    // It would go by itself; a failure here must not hide why the export ended.
    await connection.call((client) => client.closePointInTime({ id: reader.pit })).catch(() => undefined);
  }
}

/** What every request of one export needs. */
interface Reader {
  connection: ElasticsearchConnection;
  pit: string;
  signal: AbortSignal | undefined;
}

async function* readHits(
  reader: Reader,
  fields: LogFields,
  { workloadId, clientId }: ExportQuery,
): AsyncGenerator<Hit> {
  const filter = [{ term: { [fields.workloadId]: workloadId } }, { term: { [fields.clientId]: clientId } }];
  const page: Page = { size: PAGE_RECORDS, after: undefined };
  for (;;) {
    const hits = await readPage(reader, page, { bool: { filter } });
    yield* hits;
    if (hits.length < page.size) return;
    page.after = hits.at(-1)?.sort;
    if (page.size < PAGE_RECORDS) page.size = fittingSize(hits);
  }
}

interface Page {
  size: number;
  after: estypes.SortResults | undefined;
}

/** One page; where it would be too much, a smaller one. */
async function readPage(reader: Reader, page: Page, query: object): Promise<Hit[]> {
  try {
    return await search(reader, page.size === 1, {
      size: page.size,
      query,
      // A missing or unreadable time counts as the oldest: the default stands for it does not fit into a number.
      sort: [{ timestamp: { order: 'desc', missing: 0 } }, { _shard_doc: 'asc' }],
      ...(page.after ? { search_after: page.after } : {}),
    });
  } catch (error) {
    if (!isTooMuch(error) || page.size === 1) throw error;
    page.size = Math.ceil(page.size / 4);
    return readPage(reader, page, query);
  }
}

async function search(reader: Reader, whateverSize: boolean, request: estypes.SearchRequest): Promise<Hit[]> {
  const { connection, signal } = reader;
  const limit = whateverSize ? {} : { maxResponseSize: PAGE_BYTES };
  const pit = { id: reader.pit, keep_alive: KEEP_ALIVE };
  const answer = await connection.call(
    (client) =>
      client.search<unknown>(
        { ...request, pit, track_total_hits: false },
        { ...limit, ...abortedBy(signal) },
      ),
    signal,
  );
  reader.pit = answer.pit_id ?? reader.pit;
  return answer.hits.hits.map((hit) => ({
    id: hit._id ?? '',
    index: hit._index,
    source: hit._source,
    sort: hit.sort ?? [],
  }));
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

/** Puts the records of one instant in the order of their ids. */
async function* tiesById(reader: Reader, hits: AsyncIterable<Hit>): AsyncGenerator<Hit> {
  let ties: Hit[] = [];
  for await (const hit of hits) {
    if (ties[0] && ties[0].sort[0] !== hit.sort[0]) {
      yield* inOrder(reader, ties);
      ties = [];
    }
    ties.push(ties.length < TIES ? hit : { ...hit, source: LEFT });
  }
  yield* inOrder(reader, ties);
}

async function* inOrder(reader: Reader, ties: Hit[]): AsyncGenerator<Hit> {
  ties.sort((a, b) => (a.id < b.id || (a.id === b.id && a.index < b.index) ? -1 : 1));
  for (let at = 0; at < ties.length; at += TIES) yield* completed(reader, ties.slice(at, at + TIES));
}

/** The hits with their sources; where those would be too much at once, by halves. */
async function* completed(reader: Reader, hits: Hit[]): AsyncGenerator<Hit> {
  const left = hits.filter(({ source }) => source === LEFT);
  const read = await readAgain(reader, left).catch((error: unknown) => {
    if (!isTooMuch(error) || left.length === 1) throw error;
    return null;
  });
  if (read) for (const hit of hits) yield read.get(keyOf(hit)) ?? hit;
  else {
    const half = Math.ceil(hits.length / 2);
    yield* completed(reader, hits.slice(0, half));
    yield* completed(reader, hits.slice(half));
  }
}

async function readAgain(reader: Reader, hits: Hit[]): Promise<Map<string, Hit>> {
  if (hits.length === 0) return new Map();
  const query = { ids: { values: hits.map(({ id }) => id) } };
  const read = await search(reader, hits.length === 1, { size: MOST_HITS, query });
  return new Map(read.map((hit) => [keyOf(hit), hit]));
}

const keyOf = ({ index, id }: Hit): string => `${index}/${id}`;

const abortedBy = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

const isRecordOf = (source: unknown, { workloadId, clientId }: ExportQuery): source is LogRecord =>
  typeof source === 'object' &&
  source !== null &&
  'workload_id' in source &&
  source.workload_id === workloadId &&
  'client_id' in source &&
  source.client_id === clientId;
