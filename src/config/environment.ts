import { join, resolve } from 'node:path';
import { faultOfBaseUrl, isHttpUrl, loginProblem } from './http-url.js';
import { readProxy } from './proxy.js';
import type { ConfigFile } from './schema.js';
import type { ConfigSource } from './source.js';
import type { NemoAddresses, Secrets, ServiceConfig, StoreConfig } from './types.js';

type Environment = NodeJS.ProcessEnv;

/** Addresses and places: the environment's word goes before the file's. Problems are added to `problems`. */
export function readServices(
  file: ConfigFile,
  { env, dataDir, scratchDir = dataDir }: Omit<ConfigSource, 'file'>,
  problems: string[],
): ServiceConfig {
  return {
    nemo: readNemo(file, env, problems),
    store: readStore(env, dataDir, problems),
    ...readPorts(env, problems),
    logLevel: readLogLevel(env['LOG_LEVEL'] || file.logging_config.level),
    spoolDir: resolve(
      env['FLYWHEEL_SPOOL_DIR'] || file.storage_config.spool_dir || join(scratchDir, 'spool'),
    ),
    proxy: readProxy(file.proxy, env, dataDir),
  };
}

/** The only place that reads secrets. `judgeKeyName` is the variable that an old file names for the judge's key. */
export const readSecrets = (env: Environment, judgeKeyName: string | null): Secrets => ({
  judgeApiKey: env[judgeKeyName ?? ''] || env['LLM_JUDGE_API_KEY'] || env['NVIDIA_API_KEY'] || null,
  embeddingApiKey: env['EMB_API_KEY'] || env['NVIDIA_API_KEY'] || null,
  hfToken: env['HF_TOKEN'] || 'nothing',
  gatewayKey: env['FLYWHEEL_API_KEY'] || null,
});

export function readNemo(
  { nmp_config }: Pick<ConfigFile, 'nmp_config'>,
  env: Environment,
  problems: string[],
): NemoAddresses {
  const address = (variable: string, key: 'nemo_base_url' | 'nim_base_url' | 'datastore_base_url') =>
    env[variable]
      ? readNemoUrl(env[variable], variable, problems, NEMO_EXAMPLE)
      : readNemoUrl(nmp_config[key], `nmp_config.${key}`, problems, `${NEMO_EXAMPLE}, or set ${variable}`);
  return {
    nemoUrl: address('NEMO_BASE_URL', 'nemo_base_url'),
    nimUrl: address('NIM_BASE_URL', 'nim_base_url'),
    dataStoreUrl: address('DATASTORE_BASE_URL', 'datastore_base_url'),
  };
}

const NEMO_EXAMPLE = 'http://nemo.example:8000';

/** Errors, logs and job documents show it. */
function readNemoUrl(value: string | null, at: string, problems: string[], example: string): string {
  const fault = value && faultOfBaseUrl(value);
  if (fault === 'login')
    problems.push(loginProblem(at, 'NeMo is called without a login, so name an address that asks for none'));
  else if (fault === 'query') problems.push(`${at}: Input should be a base URL, without ? and #`);
  return readUrl(value, at, problems, example);
}

function readUrl(value: string | null, at: string, problems: string[], example: string): string {
  if (value && isHttpUrl(value)) return value.replace(/\/+$/, '');
  const found = value ? 'Input should be' : 'must be set to';
  problems.push(`${at}: ${found} a URL such as ${example}`);
  return '';
}

export function readStore(env: Environment, dataDir: string, problems: string[]): StoreConfig {
  const url = env['ELASTICSEARCH_URL'];
  if (!url) return { kind: 'duckdb', file: join(dataDir, 'flywheel.duckdb') };
  const logIndex = env['ES_COLLECTION_NAME'] || 'flywheel';
  if (!INDEX_NAME.test(logIndex))
    problems.push(
      `ES_COLLECTION_NAME: "${logIndex}" is no name for an index of Elasticsearch: take lower-case letters, digits ` +
        'and hyphens, such as flywheel-logs',
    );
  return {
    kind: 'elasticsearch',
    url: readUrl(url, 'ELASTICSEARCH_URL', problems, 'http://localhost:9200'),
    logIndex,
    runIndex: `${logIndex}-runs`,
  };
}

/** Elasticsearch's rule, with room for the `-runs` of our second index; a wildcard would name other people's indices. */
const INDEX_NAME = /^(?![-_+]|\.{1,2}$)[^\p{Lu}\s*?"<>|,#/\\:]{1,250}$/u;

/** Where the gateway listens, and where a worker says how it is. */
export function readPorts(
  env: Environment,
  problems: string[],
): Pick<ServiceConfig, 'gateway' | 'workerHealth'> {
  const host = env['HOST'] || '127.0.0.1';
  const health = env['WORKER_HEALTH_PORT'];
  return {
    gateway: { host, port: readPort(env['PORT'] || '8000', 'PORT', problems) },
    workerHealth: health ? { host, port: readPort(health, 'WORKER_HEALTH_PORT', problems) } : null,
  };
}

function readPort(text: string, variable: string, problems: string[]): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  problems.push(`${variable}: Input should be a number from 0 (any free port) to 65535`);
  return 0;
}

const LEVELS: Record<string, ServiceConfig['logLevel']> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  critical: 'fatal',
};

/** A level that is none of Python's or ours means `info`, as in the blueprint. */
function readLogLevel(level: string): ServiceConfig['logLevel'] {
  const name = level.toLowerCase();
  return (Object.hasOwn(LEVELS, name) && LEVELS[name]) || 'info';
}
