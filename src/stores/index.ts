import type { StoreConfig } from '../config/types.js';
import { createLogger } from '../logger.js';
import { DuckdbDatabase } from './duckdb/database.js';
import { DuckdbLogStore } from './duckdb/log-store.js';
import { DuckdbRunStore } from './duckdb/run-store.js';
import { ElasticsearchConnection } from './elasticsearch/connection.js';
import { ElasticsearchLogStore } from './elasticsearch/log-store.js';
import { ElasticsearchRunStore } from './elasticsearch/run-store.js';
import type { LogStore } from './log-store.js';
import type { RunStore } from './run-store.js';

export interface Stores {
  logs: LogStore;
  runs: RunStore;
  close(): Promise<void>;
}

/** Opens both stores. Elasticsearch need not be there yet: `ping` says whether it is. */
export async function openStores(config: StoreConfig, logger = createLogger('warn')): Promise<Stores> {
  const stores =
    config.kind === 'elasticsearch'
      ? {
          logs: new ElasticsearchLogStore(new ElasticsearchConnection(config.url), config.logIndex, logger),
          runs: new ElasticsearchRunStore(new ElasticsearchConnection(config.url), config.runIndex),
        }
      : {
          logs: await DuckdbLogStore.open(await DuckdbDatabase.open(config.file)),
          runs: await DuckdbRunStore.open(await DuckdbDatabase.open(config.file)),
        };
  const close = async () => {
    await stores.logs.close();
    await stores.runs.close();
  };
  return { ...stores, close };
}
