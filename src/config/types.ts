import type { GpuPoolSettings } from '../gpu-pool.js';
import type { RetentionConfig, RunConfig } from './run-config.js';

export interface NemoAddresses {
  nemoUrl: string;
  nimUrl: string;
  dataStoreUrl: string;
}

/** Where log and run records live: Elasticsearch when it is named, else one DuckDB file of this process. */
export type StoreConfig =
  | { kind: 'elasticsearch'; url: string; logIndex: string; runIndex: string }
  | { kind: 'duckdb'; file: string };

export interface ServiceConfig {
  nemo: NemoAddresses;
  store: StoreConfig;
  gateway: { host: string; port: number };
  /** Where a worker answers whether it works; null: nowhere. */
  workerHealth: { host: string; port: number } | null;
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** Private scratch folder for datasets under construction. */
  spoolDir: string;
  proxy: ProxyConfig;
}

/** The proxy that logs what passes. */
export interface ProxyConfig {
  /** Base URL of an OpenAI-compatible API; null: the gateway passes nothing on. */
  upstream: string | null;
  /** Of requests that name none. */
  clientId: string | null;
  workloadId: string | null;
  /** Private folder of records that wait for the store. */
  spoolDir: string;
  spoolBytes: number;
}

/** Read once from the environment; never in a workflow, heartbeat, log line or record. */
export interface Secrets {
  judgeApiKey: string | null;
  embeddingApiKey: string | null;
  /** Token for the data store; the platform takes any. */
  hfToken: string;
  /** With which the proxy sends records to a gateway. */
  gatewayKey: string | null;
}

/** A key with which the API may be called; the key itself is not kept. */
export interface ApiKey {
  /** Its variable. */
  name: string;
  /** SHA-256 of the key. */
  digest: Buffer;
  /** The clients that it is good for; null: all. */
  clients: readonly string[] | null;
}

export interface GatewaySettings {
  /** Of one key, or of one address; null: any number. */
  requestsPerMinute: number | null;
  /** How long a gateway that was told to stop goes on serving, so that nobody is sent to it any more. */
  drainMs: number;
  /** How long requests that are under way may then take to end; of `flywheel proxy`, too. */
  stopTimeoutMs: number;
}

export interface LoadedConfig {
  run: RunConfig;
  /** A worker's word counts: it tells the pool at its start. */
  gpuPool: GpuPoolSettings;
  /** A worker's word counts, too: the pause between two sweeps, in ms. */
  sweepIntervalMs: number;
  gateway: GatewaySettings;
  /** None: the API is open. */
  apiKeys: readonly ApiKey[];
  /** Whether the file has keys for some clients only. */
  separatesClients: boolean;
  /** A worker's word counts. */
  retention: RetentionConfig;
  services: ServiceConfig;
  secrets: Secrets;
  /** Unknown keys, models named twice, …: shown at start. */
  warnings: string[];
}
