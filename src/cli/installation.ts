import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { loadConfig } from '../config/index.js';
import type { LoadedConfig, NemoAddresses } from '../config/types.js';
import { configFile } from './built-files.js';
import { reachEndpoints } from './endpoints.js';
import { startNemoLocalChild } from './nemo-local-child.js';
import type { ModelChoice } from './model-options.js';
import {
  reachPlatform,
  startGatewayPart,
  startStores,
  startTemporalClient,
  startTracingPart,
  startWorkerPart,
} from './parts.js';
import { portFor } from './ports.js';
import { Problem, WRONG_USE } from './problem.js';
import type { Services } from './services.js';
import { findTemporalBinary } from './temporal-binary.js';
import { startTemporalServer } from './temporal-server.js';

export interface InstallationOptions {
  env: NodeJS.ProcessEnv;
  dataDir: string;
  /** null: config/demo.yaml with our nemo-local, config/config.yaml with the platform of the environment. */
  configFile: string | null;
  taskQueue: string;
  /** The models of our nemo-local. */
  models: ModelChoice;
  /** 0: any free one. */
  ports: {
    gateway?: number;
    temporal: number;
    temporalUi: number;
    nemo: number;
    nim: number;
    dataStore: number;
  };
  /** Whether nothing comes after it: a Temporal that was there already keeps no Schedule then. */
  passing?: boolean;
  say: (line: string) => void;
}

export interface Installation {
  gatewayUrl: string;
  /** null: a Temporal that was there already. */
  temporalUiUrl: string | null;
  nemo: NemoAddresses;
  config: LoadedConfig;
  stores: Awaited<ReturnType<typeof startStores>>;
  client: Client;
}

/** On one machine somebody watches, and Temporal has little else to do. */
const HEARTBEAT_THROTTLE_MS = 500;

/** Starts everything that is not there already: Temporal, nemo-local, the store, a worker and the gateway. */
export async function startInstallation(
  services: Services,
  options: InstallationOptions,
): Promise<Installation> {
  const { env, dataDir, taskQueue, passing = false } = options;
  const temporal = await startTemporal(services, options);
  const nemo = await startPlatform(services, options);
  const nemoEnv = nemo && {
    NEMO_BASE_URL: nemo.nemoUrl,
    NIM_BASE_URL: nemo.nimUrl,
    DATASTORE_BASE_URL: nemo.dataStoreUrl,
  };
  const file = options.configFile ?? configFile(nemo ? 'demo' : 'config');
  const config = loadConfig({ file, env: { ...env, ...nemoEnv }, dataDir });
  if (!nemo) await reachPlatform(services, config);
  await reachEndpoints(services, config, { modelKeysAreElsewhere: false, say: options.say });
  const tracing = await startTracingPart(services, env, 'flywheel');
  const client = await startTemporalClient(services, tracing, temporal?.address);
  const stores = await startStores(services, config);
  const parts = {
    config,
    stores,
    client,
    taskQueue,
    tracing,
    ...(temporal ? { address: temporal.address } : { sweepEnds: passing }),
    heartbeatThrottleMs: HEARTBEAT_THROTTLE_MS,
  };
  await startWorkerPart(services, parts);
  const gatewayUrl = await startGatewayPart(services, parts, options.ports.gateway);
  const temporalUiUrl = temporal?.uiUrl ?? null;
  return { gatewayUrl, temporalUiUrl, nemo: config.services.nemo, config, stores, client };
}

async function startTemporal(services: Services, { env, dataDir, ports, say }: InstallationOptions) {
  const { signal } = services;
  if (env['TEMPORAL_ADDRESS']) return null;
  return await services.start(
    'Temporal',
    async () => {
      const binary = await findTemporalBinary(env, say, signal);
      const file = join(dataDir, 'temporal.db');
      return await startTemporalServer({
        binary,
        port: ports.temporal,
        uiPort: ports.temporalUi,
        file,
        signal,
      });
    },
    (server) => server.stop(),
    (server) => server.ended(),
  );
}

async function startPlatform(services: Services, { env, dataDir, models, ports }: InstallationOptions) {
  if (namesPlatform(env)) {
    if (!models.models && !models.openAi) return null;
    throw new Problem(
      `--models and --openai-url are for nemo-local, but ${PLATFORM.join(', ')} name another platform: leave the ones or the others out.`,
      WRONG_USE,
    );
  }
  const { addresses } = await services.start(
    'nemo-local',
    async () => {
      const own = [ports.nemo, ports.nim, ports.dataStore];
      const instead = PLATFORM.map((name, i) => `${name}=http://127.0.0.1:${own[i]}`).join(' ');
      const free = {
        nemo: await portFor("nemo-local's platform", ports.nemo, instead),
        nim: await portFor("nemo-local's NIM proxy", ports.nim, instead),
        dataStore: await portFor("nemo-local's data store", ports.dataStore, instead),
      };
      return await startNemoLocalChild({ ports: free, dataDir: join(dataDir, 'nemo-local'), ...models });
    },
    (child) => child.stop(),
    (child) => child.ended(),
  );
  return addresses;
}

const PLATFORM = ['NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL'];

/** Whether the environment names a platform; half a platform would be used by nobody. */
function namesPlatform(env: NodeJS.ProcessEnv): boolean {
  const [missing, ...more] = PLATFORM.filter((name) => !env[name]);
  if (missing === undefined) return true;
  if (more.length === PLATFORM.length - 1) return false;
  throw new Problem(
    `${[missing, ...more].join(' and ')} must be set too: the three addresses of NeMo go together (${PLATFORM.join(', ')}).`,
    WRONG_USE,
  );
}
