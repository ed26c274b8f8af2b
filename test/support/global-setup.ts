import type { TestProject } from 'vitest/node';
import { startElasticsearch } from './elasticsearch.js';
import { startSharedTemporal, type SharedTemporal } from './temporal.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** One server for the whole test run, or why there is none. */
    elasticsearch: { url: string } | { skipped: string };
    temporal: SharedTemporal;
  }
}

/** Starts what all test files share; what it returns stops it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const temporal = await startSharedTemporal();
  project.provide('temporal', temporal.shared);
  const elasticsearch = await startElasticsearch();
  if ('skipped' in elasticsearch) {
    console.warn(`Elasticsearch tests are skipped: ${elasticsearch.skipped}`);
    project.provide('elasticsearch', { skipped: elasticsearch.skipped });
    return () => temporal.stop();
  }
  project.provide('elasticsearch', { url: elasticsearch.url });
  return async () => {
    await elasticsearch.stop();
    await temporal.stop();
  };
}
