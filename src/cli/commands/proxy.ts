import { resolve } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../../config/index.js';
import type { LoadedConfig } from '../../config/types.js';
import { LoggingProxy, type ProxySettings, serveProxy } from '../../proxy/index.js';
import { cannotListen } from '../../listener.js';
import { configFile } from '../built-files.js';
import { baseUrl, httpUrl, port } from '../option-values.js';
import { Problem, WRONG_USE } from '../problem.js';
import { withExample } from '../example.js';
import { proxySettings } from '../proxy-part.js';
import { keepServing } from '../with-services.js';

interface ProxyFlags {
  upstream?: string;
  url?: string;
  client?: string;
  workload?: string;
  spool?: string;
  host: string;
  port: number;
  config?: string;
}

/** `flywheel proxy`: passes OpenAI requests on and logs them. */
export const proxyCommand = (signal: AbortSignal): Command =>
  withExample(
    new Command('proxy')
      .option(
        '--upstream <url>',
        'base URL of the API; default: proxy.upstream of the configuration',
        baseUrl,
      )
      .option('--client <name>', 'client of requests without the header X-Flywheel-Client-Id')
      .option('--workload <name>', 'workload of requests without the header X-Flywheel-Workload-Id')
      .option(
        '--url <url>',
        'gateway that stores the records; default: ELASTICSEARCH_URL, else http://127.0.0.1:8000',
        httpUrl,
      )
      .option('--spool <folder>', 'where records wait while the store is away; default .flywheel/proxy-spool')
      .option('--host <address>', 'where it listens', '127.0.0.1')
      .option('--port <port>', 'its port', port, 8010)
      .option(
        '--config <file>',
        'configuration, for its sections proxy and gateway; default config/config.yaml',
      )
      .action((flags: ProxyFlags) => proxy(flags, signal)),
    'flywheel proxy --upstream https://api.openai.com/v1 --client shop --workload support',
  );

async function proxy(flags: ProxyFlags, signal: AbortSignal): Promise<void> {
  const file = flags.config ?? configFile('config');
  const config = loadConfig({
    ...{ file, env: process.env, dataDir: resolve('.flywheel') },
    servesNoApi: true,
  });
  const settings = settingsOf(flags, config);
  await keepServing(signal, async (services) => {
    const started = await services.start(
      'the logging proxy',
      () => LoggingProxy.start(settings),
      (one) => one.close(),
    );
    const { url } = await services.start(
      'its server',
      () => serve(started, flags, config.gateway.stopTimeoutMs),
      (server) => server.close(),
    );
    console.log(`Passing ${url}/v1 on to ${settings.upstream}; records: ${url}/api/proxy`);
  });
}

const serve = (proxy: LoggingProxy, flags: ProxyFlags, stopTimeoutMs: number) =>
  serveProxy(proxy, { ...flags, stopTimeoutMs }).catch((error: unknown) => {
    throw new Problem(`The proxy ${cannotListen(error, flags, { host: '--host', port: '--port' })}`);
  });

function settingsOf(flags: ProxyFlags, config: LoadedConfig): ProxySettings {
  const { proxy: configured, logLevel } = config.services;
  const upstream = flags.upstream ?? configured.upstream;
  if (upstream === null)
    throw new Problem(
      'Say where requests go: --upstream URL, or proxy.upstream in the configuration.',
      WRONG_USE,
    );
  const given = {
    upstream,
    clientId: flags.client ?? configured.clientId,
    workloadId: flags.workload ?? configured.workloadId,
    spoolDir: flags.spool === undefined ? configured.spoolDir : resolve(flags.spool),
  };
  return proxySettings({ ...configured, ...given }, targetOf(flags, config), logLevel);
}

function targetOf({ url }: ProxyFlags, { services, secrets }: LoadedConfig): ProxySettings['target'] {
  const { store } = services;
  if (url === undefined && store.kind === 'elasticsearch') return { kind: 'store', store };
  return {
    kind: 'gateway',
    url: url ?? 'http://127.0.0.1:8000',
    key: secrets.gatewayKey,
  };
}
