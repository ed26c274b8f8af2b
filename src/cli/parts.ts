import type { Client } from '@temporalio/client';
import {
  configurePool,
  createActivities,
  type GpuPoolStart,
  scheduleSweep,
  unscheduleSweep,
} from '../../activities/index.js';
import type { LoadedConfig } from '../config/types.js';
import { removeLeftFolders } from '../datasets/index.js';
import { startGateway } from '../gateway/index.js';
import { createLogger } from '../logger.js';
import { createNemo } from '../nemo/index.js';
import { openStores, type Stores } from '../stores/index.js';
import { startTracing, type Tracing } from '../tracing.js';
import { connectClient, connectWorker, registerSearchAttributes } from '../temporal.js';
import { tellSettings } from './pool-settings.js';
import { startOwnProxy } from './proxy-part.js';
import { startWorker } from '../worker/worker.js';
import { workflowBundle } from './built-files.js';
import { installRuntime } from './runtime.js';
import { asSentence, describe, Problem } from './problem.js';
import type { Services } from './services.js';

// The parts of the program, each started on the stack of services.

/** Traces of this process, if the environment names a collector; they are sent until the other parts have stopped. */
export const startTracingPart = (
  services: Services,
  env: NodeJS.ProcessEnv,
  service: string,
): Promise<Tracing | null> =>
  services.start(
    'tracing',
    () => Promise.resolve(startTracing(env, service)),
    async (tracing) => await tracing?.close(),
  );

/** A client of a Temporal that answers and knows our search attributes. */
export async function startTemporalClient(
  services: Services,
  tracing: Tracing | null,
  address?: string,
): Promise<Client> {
  const { client } = await services.start(
    'the connection to Temporal',
    async () => {
      const connected = await connectClient(address, tracing?.client);
      await registerSearchAttributes(connected.client);
      return connected;
    },
    ({ close }) => close(),
  );
  return client;
}

/** Stores that answer. */
export async function startStores(services: Services, config: LoadedConfig): Promise<Stores> {
  const { store, logLevel } = config.services;
  const name = store.kind === 'duckdb' ? 'the embedded store' : 'the connection to Elasticsearch';
  return await services.start(
    name,
    async () => {
      const stores = await openStores(store, createLogger(logLevel));
      try {
        await stores.logs.ping();
        await stores.runs.ping();
        return stores;
      } catch (error) {
        await stores.close();
        throw error;
      }
    },
    (stores) => stores.close(),
  );
}

/** Sees that a platform that is not ours answers, at each of its addresses. */
export async function reachPlatform(services: Services, config: LoadedConfig): Promise<void> {
  await services.start(
    'the connection to NeMo',
    () => askPlatform(config),
    () => Promise.resolve(),
  );
}

async function askPlatform({ services, secrets }: LoadedConfig): Promise<void> {
  const { pings } = createNemo({ ...services.nemo, ...secrets });
  try {
    for (const ping of pings) await ping();
  } catch (error) {
    throw new Problem(
      `${asSentence(describe(error))} Set NEMO_BASE_URL, NIM_BASE_URL and DATASTORE_BASE_URL, or nmp_config in the configuration.`,
    );
  }
}

/** What a worker and a gateway stand on. */
export interface WorkerParts {
  config: LoadedConfig;
  stores: Stores;
  client: Client;
  taskQueue: string;
  address?: string;
  /** How late progress may be; without it as late as spares Temporal the work. */
  heartbeatThrottleMs?: number;
  tracing: Tracing | null;
  /** Where Temporal's SDK is to tell its own metrics; without it nowhere. */
  sdkMetrics?: string;
  /** Whether the sweep ends with this worker, after which nobody works for it; else it stays for the next one. */
  sweepEnds?: boolean;
}

/** A worker of all three queues. */
export async function startWorkerPart(
  services: Services,
  {
    config,
    stores,
    client,
    taskQueue,
    tracing,
    address,
    heartbeatThrottleMs,
    sdkMetrics,
    sweepEnds = false,
  }: WorkerParts,
): Promise<void> {
  installRuntime(sdkMetrics ?? null);
  const { connection, namespace } = await services.start(
    "the worker's connection to Temporal",
    () => connectWorker(address),
    (connected) => connected.connection.close(),
  );
  const bundle = await services.start('the bundle of workflows', workflowBundle, ({ remove }) => remove());
  await removeLeftFolders(config.services.spoolDir);
  const gpuPool: GpuPoolStart = {
    settings: config.gpuPool,
    timing: config.run.timing,
    continueAfter: null,
  };
  const activities = createActivities({
    nemo: createNemo({ ...config.services.nemo, ...config.secrets }),
    logs: stores.logs,
    runs: stores.runs,
    separatesClients: config.separatesClients,
    temporal: client,
    gpuPool,
    secrets: config.secrets,
    spoolDir: config.services.spoolDir,
  });
  await services.start(
    'the worker',
    () =>
      startWorker({
        connection,
        namespace,
        taskQueue,
        activities,
        workflowBundle: { codePath: bundle.codePath },
        logger: createLogger(config.services.logLevel),
        tracing,
        ...(heartbeatThrottleMs === undefined ? {} : { heartbeatThrottleMs }),
      }),
    (worker) => worker.stop(),
    (worker) => worker.done,
  );
  await startPool(services, () => configurePool(client, taskQueue, gpuPool));
  await startSweep(services, { config, client, taskQueue, sweepEnds });
}

const startPool = (services: Services, configure: () => Promise<void>): Promise<void> =>
  services.start(
    'the GPU pool',
    () => tellSettings(configure, { signal: services.signal, say: console.log }),
    () => Promise.resolve(),
  );

async function startSweep(
  services: Services,
  {
    config,
    client,
    taskQueue,
    sweepEnds = false,
  }: Pick<WorkerParts, 'config' | 'client' | 'taskQueue' | 'sweepEnds'>,
): Promise<void> {
  const { retention, sweepIntervalMs } = config;
  const input = { timing: config.run.timing, graceMs: config.gpuPool.graceMs, retention };
  await services.start(
    'the sweep',
    () => scheduleSweep(client, taskQueue, sweepIntervalMs, input),
    () => (sweepEnds ? unscheduleSweep(client, taskQueue) : Promise.resolve()),
  );
}

export async function startGatewayPart(
  services: Services,
  { config, stores, client, taskQueue }: WorkerParts,
  port = config.services.gateway.port,
): Promise<string> {
  const { pings } = createNemo({ ...config.services.nemo, ...config.secrets });
  const proxy = await startOwnProxy(services, config, stores);
  const { url } = await services.start(
    'the gateway',
    () =>
      startGateway(
        { temporal: client, taskQueue, logs: stores.logs, runs: stores.runs, config, platform: pings, proxy },
        { host: config.services.gateway.host, port },
      ),
    (gateway) => gateway.close(),
  );
  return url;
}
