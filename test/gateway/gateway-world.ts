import { randomUUID } from 'node:crypto';
import { Client, type ClientInterceptors, Connection } from '@temporalio/client';
import { inject, onTestFinished } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import type { LoadedConfig, StoreConfig } from '../../src/config/types.js';
import { startCheckedGateway } from '../support/checked-gateway.js';
import { createNemo } from '../../src/nemo/index.js';
import { startGateway } from '../../src/gateway/index.js';
import type { ConnectionLimits } from '../../src/listener.js';
import type { GatewayServices } from '../../src/gateway/services.js';
import type { Logger } from '../../src/logger.js';
import type { LoggingProxy } from '../../src/proxy/index.js';
import { openStores } from '../../src/stores/index.js';
import type { LogStore } from '../../src/stores/log-store.js';
import { temporaryFolder } from '../support/temporary-folder.js';

export interface WorldOptions {
  /** Default: the test run's server. */
  temporalAddress?: string;
  store?: StoreConfig;
  configure?: (config: LoadedConfig) => void;
  /** Of its calls to Temporal. */
  interceptors?: ClientInterceptors;
  logger?: Logger;
  /** Instead of the pings of a NeMo that is not there. */
  platform?: GatewayServices['platform'];
  limits?: ConnectionLimits;
  /** Its answers are not held to the OpenAPI document, which does not describe those to requests that are broken. */
  isUnchecked?: boolean;
  /** Starts the proxy of the gateway over its log store. */
  proxy?: (logs: LogStore) => Promise<LoggingProxy>;
}

/** A real gateway over real stores and a real Temporal; no worker, unless the test starts one on `taskQueue`. */
export async function aGateway(options: WorldOptions = {}) {
  const { folder, remove } = await temporaryFolder();
  const env = { LOG_LEVEL: 'fatal' };
  const config = loadConfig({ file: 'config/demo.yaml', env, dataDir: folder });
  options.configure?.(config);
  if (options.store) config.services.store = options.store;
  const stores = await openStores(config.services.store);
  const connection = Connection.lazy({ address: options.temporalAddress ?? inject('temporal').address });
  const temporal = new Client({
    connection,
    ...(options.interceptors && { interceptors: options.interceptors }),
  });
  const taskQueue = `gateway-${randomUUID()}`;
  const { logs, runs } = stores;
  const { pings } = createNemo({ ...config.services.nemo, ...config.secrets });
  const { platform = pings, logger } = options;
  const proxy = (await options.proxy?.(logs)) ?? null;
  const start = options.isUnchecked ? startGateway : startCheckedGateway;
  const gateway = await start(
    { temporal, taskQueue, logs, runs, config, platform, proxy, ...(logger && { logger }) },
    { host: '127.0.0.1', port: 0 },
    options.limits,
  );
  // The first call opens the connection, which is none of the time that an answer may take.
  if (options.temporalAddress === undefined) await temporal.workflowService.getSystemInfo({});
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= gateway.close());
  onTestFinished(async () => {
    await stop();
    await proxy?.close();
    await connection.close();
    await stores.close();
    await remove();
  });
  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    send(gateway.url + path, method, body, headers);
  return { call, stop, url: gateway.url, temporal, taskQueue, logs, runs, config, platform };
}

export type GatewayWorld = Awaited<ReturnType<typeof aGateway>>;

/** Sends JSON, or text as it is; `body` of the answer is parsed when it is JSON; that of a HEAD has none. */
export async function send(url: string, method: string, body: unknown, headers: Record<string, string>) {
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  // Tests say themselves what they expect in it.
  const parsed = (isJson && text !== '' ? JSON.parse(text) : text) as ReturnType<typeof JSON.parse>;
  return { status: response.status, headers: response.headers, text, body: parsed };
}

export const JOB = { workload_id: 'checkout', client_id: 'shop' };

/** An address at which nothing listens. */
export const NOWHERE = '127.0.0.1:9';

/** An Elasticsearch that is not there. */
export const NO_STORE = {
  kind: 'elasticsearch',
  url: `http://${NOWHERE}`,
  logIndex: 'logs',
  runIndex: 'runs',
} as const;
