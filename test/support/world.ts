import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../activities/contract.js';
import { configurePool, createActivities, type GpuPoolStart } from '../../activities/index.js';
import { loadConfig } from '../../src/config/index.js';
import type { CandidateConfig, RunConfig } from '../../src/config/run-config.js';
import type { LoadedConfig, NemoAddresses, StoreConfig } from '../../src/config/types.js';
import type { GpuPoolSettings } from '../../src/gpu-pool.js';
import { createLogger, type Logger } from '../../src/logger.js';
import { startCheckedGateway } from './checked-gateway.js';
import { startNemoLocal } from '../../src/nemo-local/index.js';
import { createNemo } from '../../src/nemo/index.js';
import { openStores, type Stores } from '../../src/stores/index.js';
import { connectClient } from '../../src/temporal.js';
import type { Tracing } from '../../src/tracing.js';
import { bundlePath } from '../../src/worker/bundle.js';
import { startWorker } from '../../src/worker/worker.js';
import { Api } from './api.js';
import type { Gate } from './gate.js';
import './quiet-runtime.js';

export interface WorldOptions {
  store?: (folder: string) => StoreConfig;
  /** Changes the demo's configuration for this world. */
  configure?: (run: RunConfig) => void;
  /** Changes what is not of runs. */
  configureAll?: (config: LoadedConfig) => void;
  /** Of gateway and worker. */
  logger?: Logger;
  tracing?: Tracing | null;
  /** What the program asks of NeMo passes here. */
  gate?: Gate;
  /** Settings of the GPU pool that differ from the quick ones. */
  gpuPool?: Partial<GpuPoolSettings>;
  /** Messages after which the pool continues as new. */
  continueAfter?: number;
  /** Other workflows than the program's own. */
  workflowBundle?: { code: string };
  /** What the program asks of NeMo, or of Temporal, passes here: resolves with the address to be asked instead. */
  through?: Partial<Record<'nemo' | 'temporal', (url: string) => Promise<string>>>;
  /** Stands between the workflows and the activities. */
  between?: (activities: Activities) => Activities;
  /** Another installation on the platform of a world: in a namespace of its own, on a task queue of the same name. */
  beside?: { world: World; client: Client };
}

/** Everything that a run passes through, real and in this process, on a task queue of its own. */
export interface World {
  api: Api;
  client: Client;
  /** Whoever works on it is of this world. */
  taskQueue: string;
  stores: Stores;
  config: LoadedConfig;
  nemoUrl: string;
  nimUrl: string;
  dataStoreUrl: string;
  gpuPool: GpuPoolStart;
  close(): Promise<void>;
}

/** Fast polls and short patience, so that no test waits for a clock. */
const QUICK = {
  deploymentPollMs: 20,
  customizationPollMs: 20,
  evaluationPollMs: 50,
  heartbeatTimeoutMs: 2_000,
  retryInitialMs: 50,
  retryMaximumMs: 500,
};

/** A model goes soon after its last user; who is dead is noticed within seconds. */
const QUICK_POOL: GpuPoolSettings = {
  totalGpus: null,
  idleTtlMs: 500,
  patienceMs: 1_000,
  passIntervalMs: 500,
  graceMs: 3_000,
};

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { store = embedded, configure, gate, beside, between = (activities) => activities } = options;
  const { logger = createLogger('fatal') } = options;
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-world-'));
  const ports = { nemo: 0, nim: 0, dataStore: 0 };
  const nemoLocal = beside
    ? { ...beside.world, close: () => Promise.resolve() }
    : await startNemoLocal({ ports, dataDir: join(folder, 'nemo-local') });
  const { nemoUrl, nimUrl, dataStoreUrl } = nemoLocal;
  const door = await gate?.before(nemoUrl);
  const platform = await addressesOf({ nimUrl, dataStoreUrl, nemoUrl: door?.url ?? nemoUrl }, options);
  const config = demoConfig(folder, platform, store(folder));
  configure?.(config.run);
  options.configureAll?.(config);

  const address = await temporalAddress(options);
  const { client: own, close: closeClient } = await connectClient(address, options.tracing?.client);
  const client = beside?.client ?? own;
  const nativeConnection = await NativeConnection.connect({ address });
  const stores = await openStores(config.services.store);
  const taskQueue = beside?.world.taskQueue ?? `flywheel-${randomUUID()}`;
  const gpuPool: GpuPoolStart = {
    settings: { ...QUICK_POOL, ...options.gpuPool },
    timing: config.run.timing,
    continueAfter: options.continueAfter ?? null,
  };
  const nemo = createNemo({ ...config.services.nemo, ...config.secrets });
  const activities = createActivities({
    nemo,
    logs: stores.logs,
    runs: stores.runs,
    separatesClients: config.separatesClients,
    temporal: client,
    gpuPool,
    secrets: config.secrets,
    spoolDir: join(folder, 'spool'),
  });
  const worker = await startWorker({
    connection: nativeConnection,
    namespace: client.options.namespace,
    taskQueue,
    activities: between(activities),
    workflowBundle: options.workflowBundle ?? { codePath: bundlePath() },
    heartbeatThrottleMs: 500,
    logger,
    tracing: options.tracing ?? null,
  });
  await configurePool(client, taskQueue, gpuPool);
  const gateway = await startCheckedGateway(
    {
      temporal: client,
      taskQueue,
      logs: stores.logs,
      runs: stores.runs,
      config,
      platform: nemo.pings,
      logger,
    },
    { host: '127.0.0.1', port: 0 },
  );
  return {
    api: new Api(gateway.url),
    client,
    taskQueue,
    stores,
    config,
    nemoUrl,
    nimUrl,
    dataStoreUrl,
    gpuPool,
    async close() {
      await gateway.close();
      gate?.open();
      await worker.stop();
      await stores.close();
      await nativeConnection.close();
      await closeClient();
      await door?.close();
      await nemoLocal.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function addressesOf(
  { nemoUrl, nimUrl, dataStoreUrl }: NemoAddresses,
  { through }: WorldOptions,
): Promise<NemoAddresses> {
  const by = through?.nemo ?? ((url: string) => Promise.resolve(url));
  return { nemoUrl: await by(nemoUrl), nimUrl: await by(nimUrl), dataStoreUrl: await by(dataStoreUrl) };
}

async function temporalAddress({ through }: WorldOptions): Promise<string> {
  const { address } = inject('temporal');
  return through?.temporal ? new URL(await through.temporal(`http://${address}`)).host : address;
}

const embedded = (folder: string): StoreConfig => ({ kind: 'duckdb', file: join(folder, 'flywheel.duckdb') });

function demoConfig(folder: string, nemo: NemoAddresses, store: StoreConfig): LoadedConfig {
  const env = {
    NEMO_BASE_URL: nemo.nemoUrl,
    NIM_BASE_URL: nemo.nimUrl,
    DATASTORE_BASE_URL: nemo.dataStoreUrl,
  };
  const loaded = loadConfig({ file: 'config/demo.yaml', env, dataDir: folder });
  const run = { ...loaded.run, timing: { ...loaded.run.timing, ...QUICK } };
  return { ...loaded, run, services: { ...loaded.services, store } };
}

/** The candidate under another name; what nemo-local provokes by a name then happens to it. */
export const withModel = (candidate: CandidateConfig, model: string): CandidateConfig => ({
  ...candidate,
  model,
  customizer: candidate.customizer && { ...candidate.customizer, target: `${model}@1.0` },
});
