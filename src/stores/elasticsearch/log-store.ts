import type { OfClients } from '../clients.js';
import { type IncomingRecord, inBatches, readIncoming } from '../incoming-record.js';
import type {
  AppendError,
  AppendResult,
  CountQuery,
  DeleteQuery,
  ExportQuery,
  LogStore,
  RecordCounts,
  ToolUse,
  WorkloadSummary,
} from '../log-store.js';
import type { Logger } from '../../logger.js';
import type { RecordPage } from '../../records/page-reader.js';
import { StoreError } from '../store-error.js';
import { type ElasticsearchConnection, reasonOf } from './connection.js';
import { countRecords } from './counts.js';
import { countBefore, deleteBefore } from './delete-records.js';
import { exportRecords } from './export.js';
import { LogIndex } from './log-index.js';
import { readToolUse } from './tool-use.js';
import { readWorkloads } from './workloads.js';

const DUPLICATE = 409;
const OVERLOADED = new Set([429, 503]);

export class ElasticsearchLogStore implements LogStore {
  readonly #connection: ElasticsearchConnection;
  readonly #index: string;
  readonly #logIndex: LogIndex;

  constructor(connection: ElasticsearchConnection, index: string, logger: Logger) {
    this.#connection = connection;
    this.#index = index;
    this.#logIndex = new LogIndex(connection, index, logger);
  }

  async append(items: readonly unknown[]): Promise<AppendResult> {
    const { records, errors } = readIncoming(items);
    const result: AppendResult = { appended: 0, duplicates: 0, errors };
    if (records.length > 0) await this.#logIndex.ready();
    for (const batch of inBatches(records)) {
      for (const outcome of await this.#create(batch)) {
        if (outcome === 'appended') result.appended += 1;
        else if (outcome === 'duplicate') result.duplicates += 1;
        else errors.push(outcome);
      }
    }
    errors.sort((a, b) => a.index - b.index);
    return result;
  }

  async *export(query: ExportQuery): AsyncGenerator<RecordPage> {
    const fields = await this.#logIndex.ready();
    yield* exportRecords(this.#connection, this.#index, fields, query);
  }

  async workloads(of: OfClients = {}): Promise<WorkloadSummary[]> {
    const fields = await this.#logIndex.ready();
    return readWorkloads(this.#connection, this.#index, fields, of);
  }

  async toolUse(of: OfClients = {}): Promise<ToolUse[]> {
    const fields = await this.#logIndex.ready();
    return readToolUse(this.#connection, this.#index, fields, of);
  }

  async count(query: CountQuery): Promise<RecordCounts> {
    const fields = await this.#logIndex.ready();
    return countRecords(this.#connection, this.#index, fields, query);
  }

  async countBefore(query: DeleteQuery): Promise<number> {
    const fields = await this.#logIndex.ready();
    return countBefore(this.#connection, this.#index, fields, query);
  }

  async deleteBefore(query: DeleteQuery): Promise<number> {
    const fields = await this.#logIndex.ready();
    return deleteBefore(this.#connection, this.#index, fields, query);
  }

  async ping(): Promise<void> {
    await this.#logIndex.ready();
    await this.#connection.awaitYellow(this.#index);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #create(batch: IncomingRecord[]): Promise<('appended' | 'duplicate' | AppendError)[]> {
    const operations = batch.flatMap(({ id, json }) => [{ create: { _id: id } }, json]);
    const { items } = await this.#connection.call((client) =>
      client.bulk({ index: this.#index, operations, refresh: true }),
    );
    return batch.map((record, position) => {
      const { status = 0, error } = items[position]?.create ?? {};
      if (status === DUPLICATE) return 'duplicate';
      if (OVERLOADED.has(status)) throw overloaded(reasonOf(error));
      return error ? { index: record.index, reason: refusal(this.#index, reasonOf(error)) } : 'appended';
    });
  }
}

const overloaded = (reason: string): StoreError =>
  new StoreError(
    `Elasticsearch is overloaded and has kept only a part of the records (${reason}). ` +
      'Append them again: what is there already is not added twice.',
    { retryable: true },
  );

function refusal(index: string, reason: string): string {
  const advice = reason.includes('strict_dynamic_mapping_exception')
    ? `. The index takes no further fields; allow them with PUT /${index}/_mapping {"dynamic": false}`
    : '';
  return `Elasticsearch refused it: ${reason}${advice}`;
}
