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
import { bulkOutcome } from './bulk-outcome.js';
import type { ElasticsearchConnection } from './connection.js';
import { countRecords } from './counts.js';
import { countBefore, deleteBefore } from './delete-records.js';
import { exportRecords } from './export.js';
import { LogIndex } from './log-index.js';
import { readToolUse } from './tool-use.js';
import { readWorkloads } from './workloads.js';

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
    return batch.map(({ index }, position) => {
      const outcome = bulkOutcome(this.#index, items[position]?.create);
      return typeof outcome === 'string' ? outcome : { index, reason: outcome.refused };
    });
  }
}
