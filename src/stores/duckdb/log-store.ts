import { BIGINT, type DuckDBValue, LIST, VARCHAR, listValue } from '@duckdb/node-api';
import { type IncomingRecord, inBatches, readIncoming } from '../incoming-record.js';
import type { RecordPage } from '../../records/page-reader.js';
import type { OfClients } from '../clients.js';
import { TOOL_SAMPLE, type ToolUse } from '../log-store.js';
import type {
  AppendResult,
  CountQuery,
  DeleteQuery,
  ExportQuery,
  LogStore,
  RecordCounts,
  WorkloadSummary,
} from '../log-store.js';
import { pageOf } from '../record-pages.js';
import type { DuckdbDatabase } from './database.js';
import { ofClients } from './of-clients.js';
import { Turns } from './turns.js';

const TABLE = `CREATE TABLE IF NOT EXISTS log_records (
  id VARCHAR PRIMARY KEY, workload_id VARCHAR NOT NULL, client_id VARCHAR NOT NULL,
  at_ms BIGINT NOT NULL, bytes BIGINT NOT NULL, record VARCHAR NOT NULL)`;

const INSERT = `INSERT INTO log_records
  SELECT unnest($1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6) ON CONFLICT DO NOTHING RETURNING id`;

/** Rows are moved only by a deletion, and nobody reads meanwhile. */
const PLACES = `SELECT rowid, bytes FROM log_records WHERE workload_id = $1 AND client_id = $2 ORDER BY rowid`;

const COUNTS = `SELECT count(*), count(*) FILTER (at_ms > $3) FROM log_records
  WHERE workload_id = $1 AND client_id = $2`;

/** A record whose JSON DuckDB cannot read, as with half of a surrogate pair in it, counts as one without tools. */
const CALLS_TOOLS = `TRY(len(json_extract(record, '$.response.choices[*].message.tool_calls[*].function.name'))) > 0`;

const OLDER = 'workload_id = $1 AND client_id = $2 AND at_ms < $3';

/** Others have their turn after each so many. */
const DELETED_AT_ONCE = 10_000;

/** What is appended meanwhile has later rows, and stays. */
const DELETE = `DELETE FROM log_records WHERE rowid IN (SELECT rowid FROM log_records
  WHERE ${OLDER} AND rowid <= $4 LIMIT ${DELETED_AT_ONCE})`;

/** DuckDB gives space back only where it may move the other rows. */
const COMPACT = ['SET vacuum_rebuild_indexes = 1000000000', 'CHECKPOINT', 'RESET vacuum_rebuild_indexes'];

export class DuckdbLogStore implements LogStore {
  readonly #database: DuckdbDatabase;
  readonly #turns = new Turns();

  private constructor(database: DuckdbDatabase) {
    this.#database = database;
  }

  static async open(database: DuckdbDatabase): Promise<DuckdbLogStore> {
    await database.rows(TABLE);
    return new DuckdbLogStore(database);
  }

  async append(items: readonly unknown[]): Promise<AppendResult> {
    const { records, errors } = readIncoming(items);
    const unique = [...new Map(records.map((record) => [record.id, record])).values()];
    let appended = 0;
    for (const batch of inBatches(unique)) {
      const inserted = await this.#database.rows(INSERT, columns(batch), COLUMN_TYPES);
      appended += inserted.length;
    }
    return { appended, duplicates: records.length - appended, errors };
  }

  async *export(query: ExportQuery): AsyncGenerator<RecordPage> {
    const end = await this.#turns.read();
    try {
      yield* this.#export(query);
    } finally {
      end();
    }
  }

  async *#export({ workloadId, clientId, signal }: ExportQuery): AsyncGenerator<RecordPage> {
    const rows = await this.#database.rows(PLACES, [workloadId, clientId]);
    const places = rows.map(([rowid, bytes]) => ({ rowid: Number(rowid), bytes: Number(bytes) }));
    for (const page of inBatches(places)) {
      signal?.throwIfAborted();
      yield await this.#read(page.map(({ rowid }) => rowid));
    }
    signal?.throwIfAborted();
  }

  async workloads(of: OfClients = {}): Promise<WorkloadSummary[]> {
    const values: DuckDBValue[] = [];
    const rows = await this.#database.rows(
      `SELECT workload_id, client_id, count(*), min(at_ms), max(at_ms) FROM log_records
      WHERE ${ofClients(of, values)} GROUP BY workload_id, client_id ORDER BY workload_id, client_id`,
      values,
    );
    return rows.map(([workloadId, clientId, records, firstAt, lastAt]) => ({
      workloadId: String(workloadId),
      clientId: String(clientId),
      records: Number(records),
      firstAt: Number(firstAt),
      lastAt: Number(lastAt),
    }));
  }

  async toolUse(of: OfClients = {}): Promise<ToolUse[]> {
    const end = await this.#turns.read();
    return await this.#toolUse(of).finally(end);
  }

  async #toolUse(of: OfClients): Promise<ToolUse[]> {
    const values: DuckDBValue[] = [];
    const newest = await this.#database.rows(
      `SELECT unnest(arg_max(rowid, at_ms, ${TOOL_SAMPLE})) FROM log_records
      WHERE ${ofClients(of, values)} GROUP BY workload_id, client_id`,
      values,
    );
    if (newest.length === 0) return [];
    // As below, in the text.
    const rows = await this.#database
      .rows(`SELECT workload_id, client_id, count(*), count(*) FILTER (${CALLS_TOOLS})
      FROM log_records WHERE rowid IN (${newest.join()}) GROUP BY workload_id, client_id`);
    return rows.map(([workloadId, clientId, sampled, withTools]) => ({
      workloadId: String(workloadId),
      clientId: String(clientId),
      sampled: Number(sampled),
      withTools: Number(withTools),
    }));
  }

  async count({ workloadId, clientId, since }: CountQuery): Promise<RecordCounts> {
    const [row] = await this.#database.rows(COUNTS, [workloadId, clientId, BigInt(since)]);
    return { all: Number(row?.[0]), since: Number(row?.[1]) };
  }

  async countBefore(query: DeleteQuery): Promise<number> {
    const [row] = await this.#database.rows(`SELECT count(*) FROM log_records WHERE ${OLDER}`, older(query));
    return Number(row?.[0]);
  }

  async deleteBefore(query: DeleteQuery): Promise<number> {
    const [last] = await this.#database.rows('SELECT max(rowid) FROM log_records');
    let deleted = 0;
    for (let count = DELETED_AT_ONCE; count === DELETED_AT_ONCE; deleted += count)
      count = await this.#turns.alone(() => this.#deleteSome(query, last?.[0] ?? null));
    if (deleted > 0) await this.#turns.alone(() => this.#compact());
    return deleted;
  }

  async #deleteSome(query: DeleteQuery, last: DuckDBValue): Promise<number> {
    const [row] = await this.#database.rows(DELETE, [...older(query), last]);
    return Number(row?.[0]);
  }

  async ping(): Promise<void> {
    await this.#database.rows('SELECT 1');
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** While somebody else writes it cannot be; the next deletion does it. */
  async #compact(): Promise<void> {
    for (const statement of COMPACT) await this.#database.rows(statement).catch(() => undefined);
  }

  /** Row ids stand in the text, since only then DuckDB skips the parts of the file that have none of them. */
  async #read(rowids: number[]): Promise<RecordPage> {
    const rows = await this.#database.rows(
      `SELECT id, record FROM log_records WHERE rowid IN (${rowids.join()})`,
    );
    return pageOf(rows.map(([id, record]) => ({ id: String(id), json: String(record) })));
  }
}

const older = ({ workloadId, clientId, before }: DeleteQuery) => [
  workloadId,
  clientId,
  BigInt(before ?? Number.MAX_SAFE_INTEGER),
];

const COLUMN_TYPES = [LIST(VARCHAR), LIST(VARCHAR), LIST(VARCHAR), LIST(BIGINT), LIST(BIGINT), LIST(VARCHAR)];

const columns = (batch: IncomingRecord[]) => [
  listValue(batch.map((record) => record.id)),
  listValue(batch.map((record) => record.workloadId)),
  listValue(batch.map((record) => record.clientId)),
  listValue(batch.map((record) => BigInt(record.atMs))),
  listValue(batch.map((record) => BigInt(record.bytes))),
  listValue(batch.map((record) => record.json)),
];
