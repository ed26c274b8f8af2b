import { createServer } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Activities, BuildDatasetsInput } from '../../activities/contract.js';
import { createDatasetActivities } from '../../activities/datasets.js';
import { classifyFailures } from '../../activities/failures.js';
import type { ActivityServices } from '../../activities/services.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { createNemo } from '../../src/nemo/index.js';
import { openStores } from '../../src/stores/index.js';
import type { LogStore } from '../../src/stores/log-store.js';
import { pageOf } from '../../src/stores/record-pages.js';
import { aRunId } from './activity-world.js';
import { listening } from './listening.js';
import { aFolder, aPlatform } from './local-platform.js';

export interface DatasetWorldOptions {
  /** Instead of an empty store on DuckDB. */
  logs?: LogStore;
  /** Instead of nemo-local's. */
  dataStoreUrl?: string;
  /** Instead of one in a folder of its own. */
  spoolDir?: string;
  /** Whether there are keys for some clients only. */
  separatesClients?: boolean;
}

/** What the activity needs: a log store, a nemo-local, a folder for the spool. */
export async function aDatasetWorld({ logs, dataStoreUrl, ...options }: DatasetWorldOptions = {}) {
  const folder = await aFolder();
  const platform = await aPlatform({ dataDir: join(folder, 'nemo-local') });
  const stores = await openStores({ kind: 'duckdb', file: join(folder, 'logs.duckdb') });
  onTestFinished(() => stores.close());
  const spoolDir = options.spoolDir ?? join(folder, 'spool');
  const nemo = createNemo({
    ...platform,
    ...(dataStoreUrl && { dataStoreUrl }),
    hfToken: 'nothing',
    embeddingApiKey: null,
  });
  // Building datasets needs neither Temporal nor runs nor a judge.
  const { separatesClients = false } = options;
  const services = { nemo, logs: logs ?? stores.logs, spoolDir, separatesClients } as ActivityServices;
  const { buildDatasets } = classifyFailures([], createDatasetActivities(services));
  return {
    platform,
    logs: stores.logs,
    spoolDir,
    buildDatasets: buildDatasets as Activities['buildDatasets'],
  };
}

export const SPLIT = {
  evalSize: 30,
  valRatio: 0.1,
  minTotalRecords: 50,
  randomSeed: null,
  limit: null,
  parseFunctionArguments: true,
  minReward: null,
  nearDuplicateSimilarity: null,
};

export const buildInput = (changes: Partial<BuildDatasetsInput> = {}): BuildDatasetsInput => ({
  runId: aRunId(),
  workloadId: 'order_agent',
  clientId: 'test-shop',
  namespace: 'test',
  split: SPLIT,
  icl: {
    maxContextLength: 32_768,
    reservedTokens: 4_096,
    maxExamples: 3,
    minExamples: 1,
    selection: 'uniform_distribution',
  },
  evaluation: { workloadType: 'auto', maxToolProperties: null },
  ...changes,
});

/** Rows of an uploaded file, as anyone can download them. */
export async function rowsOf<T>(platform: NemoLocal, dataset: string, file: string): Promise<T[]> {
  const url = `${platform.dataStoreUrl}/v1/hf/datasets/test/${dataset}/resolve/main/${file}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as T);
}

/** A data store that takes no file: each upload to it lasts for ever. */
export async function anEndlessDataStore(): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path.endsWith('/namespaces') || path.endsWith('/repos/create'))
      response.setHeader('content-type', 'application/json').end('{"url":""}');
  });
  return await listening(server);
}

/** A store that holds what no store would accept. */
export function logsOf(records: readonly unknown[]): LogStore {
  return {
    async *export({ signal }) {
      // Whatever a store's other writers have left there.
      const kept = records.map((record, i) => ({ id: `record-${i}`, json: JSON.stringify(record) }));
      for (let from = 0; from < kept.length; from += 500) {
        signal?.throwIfAborted();
        yield pageOf(kept.slice(from, from + 500));
      }
    },
    append: () => Promise.reject(new Error('read only')),
    count: () => Promise.resolve({ all: records.length, since: 0 }),
    countBefore: () => Promise.resolve(0),
    deleteBefore: () => Promise.reject(new Error('read only')),
    workloads: () => Promise.resolve([]),
    toolUse: () => Promise.resolve([]),
    ping: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
