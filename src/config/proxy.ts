import { join, resolve } from 'node:path';
import { faultOfBaseUrl } from './http-url.js';
import { integer } from './lax.js';
import type { ConfigFile } from './schema.js';
import { optionalText } from './schema-parts.js';
import type { ProxyConfig } from './types.js';

/** The keys of the section `proxy`. */
export const proxy = {
  upstream: optionalText.describe(
    'base URL of the OpenAI-compatible API that the gateway passes `/v1/chat/completions` and `/v1/models` on to, such ' +
      'as `https://api.openai.com/v1`; null: it passes nothing on',
  ),
  client_id: optionalText.describe(
    'client of the traffic that passes without the header `X-Flywheel-Client-Id`',
  ),
  workload_id: optionalText.describe('its workload without the header `X-Flywheel-Workload-Id`'),
  spool_dir: optionalText.describe(
    'private folder in which records wait while the store is away, of one process only; null: `proxy-spool` in the data folder of `up`, else in `.flywheel`',
  ),
  spool_mb: integer({ ge: 1 })
    .default(1024)
    .describe('MB of records that may wait there; what comes beyond is dropped and counted'),
};

type ProxySection = ConfigFile['proxy'];

export const readProxy = (file: ProxySection, env: NodeJS.ProcessEnv, dataDir: string): ProxyConfig => ({
  upstream: file.upstream,
  clientId: file.client_id,
  workloadId: file.workload_id,
  spoolDir: resolve(env['FLYWHEEL_PROXY_SPOOL_DIR'] || file.spool_dir || join(dataDir, 'proxy-spool')),
  spoolBytes: file.spool_mb * 1_000_000,
});

/** A key in an address would be shown wherever that is. */
export function proxyProblems({ upstream }: ProxySection): string[] {
  if (upstream === null || faultOfBaseUrl(upstream) === null) return [];
  return [
    'proxy.upstream: Input should be a base URL such as https://api.openai.com/v1, without user, password, ? and #: ' +
      'callers bring their keys themselves',
  ];
}
