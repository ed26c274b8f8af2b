import type { LoadedConfig, ProxyConfig, StoreConfig } from '../config/types.js';
import { LoggingProxy, type ProxySettings } from '../proxy/index.js';
import type { Stores } from '../stores/index.js';
import type { Services } from './services.js';

/** The proxy of a gateway; null where none is configured. */
export async function startOwnProxy(
  services: Services,
  { services: { proxy, store, logLevel } }: LoadedConfig,
  { logs }: Pick<Stores, 'logs'>,
): Promise<LoggingProxy | null> {
  if (proxy.upstream === null) return null;
  const settings = proxySettings({ ...proxy, upstream: proxy.upstream }, targetOf(store), logLevel);
  return await services.start(
    'the logging proxy',
    () => LoggingProxy.start(settings, logs),
    (started) => started.close(),
  );
}

export const proxySettings = (
  { upstream, clientId, workloadId, spoolDir, spoolBytes }: ProxyConfig & { upstream: string },
  target: ProxySettings['target'],
  logLevel: string,
): ProxySettings => ({
  upstream,
  clientId,
  workloadId,
  target,
  logLevel,
  spool: { folder: spoolDir, limitBytes: spoolBytes },
});

const targetOf = (store: StoreConfig): ProxySettings['target'] =>
  store.kind === 'elasticsearch' ? { kind: 'store', store } : { kind: 'owner' };
