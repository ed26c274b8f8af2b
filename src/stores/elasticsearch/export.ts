import { randomUUID } from 'node:crypto';
import type { RecordPage } from '../../records/page-reader.js';
import type { ExportQuery } from '../log-store.js';
import { sideBySide } from '../record-pages.js';
import type { ElasticsearchConnection } from './connection.js';
import type { LogFields } from './log-index.js';
import { type HitPage, isTooMuch, readHits } from './hit-pages.js';
import { PageBuffers } from './page-buffers.js';

/** How long the reader may take for one page. */
const KEEP_ALIVE = '15m';
/** Parts of the workload that are read at the same time. */
const SLICES = 4;
const FIRST_RECORDS = 100;
/** The server's limit of one answer. */
const MOST_RECORDS = 10_000;
/** Pages are asked for so that they have about this size. */
const PAGE_BYTES = 4_000_000;

/**
 * Of private use: a byte begins it (0xEE) that begins hardly anything else, so that it is found at the speed of memory,
 * and not five times slower.
 */
const RARE = '\ue000';

/** What every request of one export needs. */
interface Reader {
  connection: ElasticsearchConnection;
  pit: string;
  query: object;
  /** Ends every hit; nobody can have logged it. */
  mark: string;
  signal: AbortSignal | undefined;
  buffers: PageBuffers;
}

/** Every record of the workload as it was when the export began; in memory a page of each slice. */
export async function* exportRecords(
  connection: ElasticsearchConnection,
  index: string,
  fields: LogFields,
  { workloadId, clientId, signal }: ExportQuery,
): AsyncGenerator<RecordPage> {
  const pit = await connection.call(
    (client) => client.openPointInTime({ index, keep_alive: KEEP_ALIVE }, abortedBy(signal)),
    signal,
  );
  const filter = [{ term: { [fields.workloadId]: workloadId } }, { term: { [fields.clientId]: clientId } }];
  const mark = `${RARE}${randomUUID()}`;
  const query = { bool: { filter, _name: mark } };
  const reader: Reader = { connection, pit: pit.id, query, mark, signal, buffers: new PageBuffers() };
  try {
    const slices = Array.from({ length: SLICES }, (_, slice) => readSlice(reader, slice));
    for await (const page of sideBySide(slices)) {
      signal?.throwIfAborted();
      yield page;
    }
  } finally {
    // It would go by itself; a failure here must not hide why the export ended.
    await connection.call((client) => client.closePointInTime({ id: reader.pit })).catch(() => undefined);
  }
}

async function* readSlice(reader: Reader, slice: number): AsyncGenerator<RecordPage> {
  let size = FIRST_RECORDS;
  let after: number | null = null;
  for (;;) {
    let page: HitPage;
    try {
      page = await readPage(reader, slice, size, after);
    } catch (error) {
      if (!isTooMuch(error) || size === 1) throw error;
      size = Math.ceil(size / 4);
      continue;
    }
    if (page.records.ids.length > 0) yield page.records;
    if (page.hits < size) return;
    after = page.last;
    size = fittingSize(page, size);
  }
}

async function readPage(reader: Reader, slice: number, size: number, after: number | null): Promise<HitPage> {
  const { connection, signal, query, mark } = reader;
  const request = {
    size,
    query,
    slice: { id: slice, max: SLICES },
    sort: [{ _shard_doc: 'asc' as const }],
    pit: { id: reader.pit, keep_alive: KEEP_ALIVE },
    track_total_hits: false,
    // Records of a shard that does not answer would be missing without a word.
    allow_partial_search_results: false,
    ...(after === null ? {} : { search_after: [after] }),
  };
  const page = await connection.call(async (client) => {
    const answer = await client.search(request, { asStream: true, meta: true, ...abortedBy(signal) });
    return await readHits(answer, mark, reader.buffers, size === 1);
  }, signal);
  reader.pit = page.pit ?? reader.pit;
  return page;
}

/** As many records as fit into a page if they are like the last ones; more only step by step. */
const fittingSize = ({ hits, bytes }: HitPage, size: number): number =>
  Math.max(1, Math.min(MOST_RECORDS, size * 8, Math.floor((PAGE_BYTES * hits) / bytes)));

const abortedBy = (signal: AbortSignal | undefined) => (signal ? { signal } : {});
