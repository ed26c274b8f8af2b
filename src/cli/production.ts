import { resolve } from 'node:path';
import { DEFAULT_TASK_QUEUE } from '../../workflows/contract.js';
import { loadConfig } from '../config/index.js';
import type { LoadedConfig } from '../config/types.js';
import { configFile } from './built-files.js';
import {
  reachPlatform,
  startStores,
  startTemporalClient,
  startTracingPart,
  type WorkerParts,
} from './parts.js';
import { Problem, WRONG_USE } from './problem.js';
import type { Services } from './services.js';
import { temporaryData } from './temporary-data.js';

/** The configuration of a process that is one of several; says what its environment lacks. */
export function loadProduction(
  file: string | undefined,
  env: NodeJS.ProcessEnv,
  { servesNoApi }: { servesNoApi: boolean },
): LoadedConfig {
  if (!env['ELASTICSEARCH_URL'])
    throw new Problem(
      'ELASTICSEARCH_URL is not set. The embedded store can be opened by one process only, so gateway and worker as ' +
        'processes of their own need Elasticsearch; for everything in one process use `flywheel up`.',
      WRONG_USE,
    );
  const config = loadConfig({
    file: file ?? configFile('config'),
    env,
    // Records that wait for the store outlast a restart of the machine, too; of a build nothing does.
    dataDir: resolve('.flywheel'),
    scratchDir: temporaryData(),
    servesNoApi,
  });
  for (const warning of config.warnings) console.log(`Warning: ${warning}`);
  return config;
}

/** Temporal, Elasticsearch and NeMo, each seen to answer. */
export async function startProduction(
  services: Services,
  config: LoadedConfig,
  service: string,
): Promise<WorkerParts> {
  const tracing = await startTracingPart(services, process.env, service);
  const client = await startTemporalClient(services, tracing);
  const stores = await startStores(services, config);
  await reachPlatform(services, config);
  return { config, client, stores, tracing, taskQueue: DEFAULT_TASK_QUEUE };
}
