import type { DuckDBValue } from '@duckdb/node-api';
import type { RunRecord, RunStatus } from '../../run-record.js';
import { fromCursor, nextSequence, toCursor } from '../run-position.js';
import type { OfClients } from '../clients.js';
import {
  always,
  type ListedRun,
  type MayReplace,
  NOT_LISTED,
  type PutOutcome,
  type RunFilter,
  type RunPage,
  type RunStore,
} from '../run-store.js';
import type { DuckdbDatabase } from './database.js';
import { ofClients } from './of-clients.js';

const TABLE = `CREATE TABLE IF NOT EXISTS runs (
  run_id VARCHAR PRIMARY KEY, sequence BIGINT NOT NULL, status VARCHAR NOT NULL,
  workload_id VARCHAR NOT NULL, client_id VARCHAR NOT NULL, run VARCHAR NOT NULL)`;

const SELECT = 'SELECT run FROM runs WHERE run_id = $1';
const INSERT = `INSERT INTO runs VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (run_id) DO NOTHING RETURNING run_id`;
/** Of the record as it was read, and no other. */
const REPLACE = `UPDATE runs SET status = $2, workload_id = $3, client_id = $4, run = $5
  WHERE run_id = $1 AND run = $6 RETURNING run_id`;

/** Of the column `run`. One whose JSON DuckDB cannot read, as with half of a surrogate pair in it, stays whole. */
const AS_LISTED = `coalesce(TRY(json_merge_patch(run, '{${NOT_LISTED.map((name) => `"${name}":null`).join()}}'))::VARCHAR, run)`;

export class DuckdbRunStore implements RunStore {
  readonly #database: DuckdbDatabase;

  private constructor(database: DuckdbDatabase) {
    this.#database = database;
  }

  static async open(database: DuckdbDatabase): Promise<DuckdbRunStore> {
    await database.rows(TABLE);
    return new DuckdbRunStore(database);
  }

  async put(run: RunRecord, may?: MayReplace): Promise<PutOutcome> {
    for (;;) {
      const outcome = await this.#replace(run, may);
      if (outcome !== 'absent') return outcome;
      if (await this.create(run)) return 'inserted';
    }
  }

  async create(run: RunRecord): Promise<boolean> {
    return (await this.#database.rows(INSERT, columns(run))).length > 0;
  }

  async replace(run: RunRecord, may?: MayReplace): Promise<boolean> {
    return (await this.#replace(run, may)) === 'replaced';
  }

  async get(runId: string): Promise<RunRecord | null> {
    const [row] = await this.#database.rows(SELECT, [runId]);
    return row ? parseRun(row[0]) : null;
  }

  async list(filter: RunFilter = {}): Promise<RunPage> {
    const { sql, values } = listQuery(filter);
    const rows = await this.#database.rows(sql, values);
    const page = rows.slice(0, filter.limit);
    const last = page.at(-1);
    const nextCursor =
      last && rows.length > page.length
        ? toCursor({ sequence: Number(last[1]), runId: String(last[2]) })
        : null;
    return { runs: page.map((row) => parseListed(row[0])), nextCursor };
  }

  async countByStatus(): Promise<Partial<Record<RunStatus, number>>> {
    const rows = await this.#database.rows('SELECT status, count(*) FROM runs GROUP BY status');
    return Object.fromEntries(rows.map(([status, count]) => [String(status), Number(count)]));
  }

  async lastRuns(of: OfClients = {}): Promise<ListedRun[]> {
    const values: DuckDBValue[] = [];
    const last = `SELECT arg_max(run, sequence) AS run, workload_id, client_id FROM runs
      WHERE ${ofClients(of, values)} GROUP BY workload_id, client_id`;
    const rows = await this.#database.rows(
      `SELECT ${AS_LISTED} FROM (${last}) ORDER BY workload_id, client_id`,
      values,
    );
    return rows.map(([run]) => parseListed(run));
  }

  async delete(runId: string): Promise<void> {
    await this.#database.rows('DELETE FROM runs WHERE run_id = $1', [runId]);
  }

  async ping(): Promise<void> {
    await this.#database.rows('SELECT 1');
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Each lost round means that another writer won one: of all that write at once each in the end is alone. */
  async #replace(run: RunRecord, may: MayReplace = always): Promise<'replaced' | 'kept' | 'absent'> {
    const [runId, , ...changes] = columns(run);
    for (;;) {
      const [row] = await this.#database.rows(SELECT, [runId]);
      if (!row) return 'absent';
      const [before = null] = row;
      if (!may(parseRun(before))) return 'kept';
      const replaced = await this.#database.rows(REPLACE, [runId, ...changes, before]);
      if (replaced.length > 0) return 'replaced';
    }
  }
}

const columns = (run: RunRecord): [DuckDBValue, ...DuckDBValue[]] => [
  run.runId,
  BigInt(nextSequence()),
  run.status,
  run.workloadId,
  run.clientId,
  JSON.stringify(run),
];

/** One row more than the limit, which tells whether there is a next page. */
function listQuery(filter: RunFilter): { sql: string; values: DuckDBValue[] } {
  const values: DuckDBValue[] = [];
  const bind = (value: DuckDBValue): string => `$${values.push(value)}`;
  const newestFirst = filter.order === 'newest-first';
  const conditions = [ofClients(filter, values)];
  if (filter.status !== undefined) conditions.push(`status = ${bind(filter.status)}`);
  if (filter.workloadId !== undefined) conditions.push(`workload_id = ${bind(filter.workloadId)}`);
  if (filter.clientId !== undefined) conditions.push(`client_id = ${bind(filter.clientId)}`);
  if (filter.cursor !== undefined) {
    const { sequence, runId } = fromCursor(filter.cursor);
    const after = newestFirst ? '<' : '>';
    conditions.push(`(sequence, run_id) ${after} (${bind(BigInt(sequence))}, ${bind(runId)})`);
  }
  const direction = newestFirst ? 'DESC' : 'ASC';
  const limit = filter.limit === undefined ? '' : `LIMIT ${bind(BigInt(filter.limit + 1))}`;
  const order = `ORDER BY sequence ${direction}, run_id ${direction}`;
  // First the page, so that no other run is read.
  const page = `SELECT run, sequence, run_id FROM runs WHERE ${conditions.join(' AND ')} ${order} ${limit}`;
  return { sql: `SELECT ${AS_LISTED}, sequence, run_id FROM (${page}) ${order}`, values };
}

/** Only this store writes the column. */
const parseRun = (json: DuckDBValue | undefined): RunRecord => JSON.parse(String(json)) as RunRecord;

const parseListed = (json: DuckDBValue | undefined): ListedRun => JSON.parse(String(json)) as ListedRun;
