import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { messageOf } from '../../message-of.js';
import { StoreError } from '../store-error.js';

/** Beyond this much memory DuckDB works on disk, beside the file; nothing is fetched from the network. */
const SETTINGS = {
  memory_limit: '512MB',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
};

/** The embedded database file of one process; one statement after the other, in the order of the calls. */
export class DuckdbDatabase {
  readonly #file: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();
  #open = true;

  private constructor(file: string, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#file = file;
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Opens the file, or makes it; opened twice by one process it is the same database. */
  static async open(file: string): Promise<DuckdbDatabase> {
    try {
      await mkdir(path.dirname(file), { recursive: true });
      const instance = await DuckDBInstance.fromCache(file, SETTINGS);
      return new DuckdbDatabase(file, instance, await instance.connect());
    } catch (error) {
      throw openError(file, error);
    }
  }

  /** Rows of the statement's result, each an array of columns. */
  rows(sql: string, values: DuckDBValue[] = [], types?: DuckDBType[]): Promise<DuckDBValue[][]> {
    const result = this.#last.then(async () => {
      const reader = await this.#connection.runAndReadAll(sql, values, types);
      return reader.getRows();
    });
    this.#last = result.catch(() => undefined);
    return result.catch((error: unknown) => {
      throw this.#failure(error);
    });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#last;
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** What can fail in a file of ours is the disk, the memory or a conflict, and each can pass. */
  #failure(error: unknown): StoreError {
    return new StoreError(`The store ${this.#file} failed: ${words(error)}`, {
      retryable: true,
      cause: error,
    });
  }
}

function openError(file: string, error: unknown): StoreError {
  const locked = /could not set lock|used by another process/i.test(words(error));
  const message = locked
    ? `The store ${file} is in use by another process. One process at a time can open it: ` +
      'stop the other one, or set ELASTICSEARCH_URL, which separate processes need.'
    : `The store ${file} cannot be opened: ${words(error)}. Check the path and its permissions, or name another file.`;
  return new StoreError(message, { retryable: locked, cause: error });
}

const words = (error: unknown): string => messageOf(error).trim();
