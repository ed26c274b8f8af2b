import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { portFor } from '../../src/cli/ports.js';
import type { Services } from '../../src/cli/services.js';
import { findTemporalBinary } from '../../src/cli/temporal-binary.js';
import { withServices } from '../../src/cli/with-services.js';
import { SEARCH_ATTRIBUTES } from '../../src/search-attributes.js';
import { connectClient } from '../../src/temporal.js';
import { startElasticsearch } from '../../test/support/elasticsearch.js';
import { type Part, startPart } from './parts.js';

const HOST = '127.0.0.1';
const PROGRAM = 'dist/src/cli/main.js';

/** The built program as in production, one process each: gateway, worker, Temporal's development server, nemo-local. */
export interface ScaleInstallation {
  url: string;
  nemoUrl: string;
  client: Client;
  parts: Part[];
}

export interface ScaleOptions {
  /** null: unlimited. */
  gpus: number | null;
  /** Seconds of a training on a platform that computes nothing; null: nemo-local is the platform. */
  trainingSeconds: number | null;
  /** The candidates. */
  models: string[];
  /** How often each step is looked at. */
  poll: string;
}

export async function withInstallation(
  options: ScaleOptions,
  use: (installation: ScaleInstallation) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-scale-'));
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => interruption.abort(new Error('interrupted')));
  try {
    await withServices(interruption.signal, async (services) => use(await start(services, folder, options)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(services: Services, folder: string, options: ScaleOptions): Promise<ScaleInstallation> {
  const free = () => portFor('a benchmark', 0, '');
  const ports = { temporal: await free(), nemo: await free(), nim: await free(), dataStore: await free() };
  const gatewayPort = await free();
  const elasticsearchUrl = await startStore(services);
  const { temporal, client } = await startTemporal(services, folder, ports.temporal);
  const ours = (name: string, args: string[], ready: RegExp, env: NodeJS.ProcessEnv = {}) =>
    startPart(services, folder, name, {
      command: process.execPath,
      args: ['--enable-source-maps', PROGRAM, ...args],
      env,
      isReady: (output) => Promise.resolve(ready.test(output)),
    });
  const platform =
    options.trainingSeconds === null
      ? await ours(
          'nemo-local',
          [
            ...['nemo-local', '--data', join(folder, 'nemo-local'), '--nemo-port', `${ports.nemo}`],
            ...['--nim-port', `${ports.nim}`, '--datastore-port', `${ports.dataStore}`],
          ],
          /DATASTORE_BASE_URL=/,
        )
      : await startLean(services, folder, ports.nemo, options.trainingSeconds);
  const env = {
    TEMPORAL_ADDRESS: `${HOST}:${ports.temporal}`,
    ELASTICSEARCH_URL: elasticsearchUrl,
    ES_COLLECTION_NAME: `bench-scale-${process.pid}`,
    NEMO_BASE_URL: `http://${HOST}:${ports.nemo}`,
    NIM_BASE_URL: `http://${HOST}:${options.trainingSeconds === null ? ports.nim : ports.nemo}`,
    DATASTORE_BASE_URL: `http://${HOST}:${options.trainingSeconds === null ? ports.dataStore : ports.nemo}`,
    PORT: `${gatewayPort}`,
    TMPDIR: folder,
  };
  const config = join(folder, 'config.yaml');
  await writeFile(config, await configOf(options));
  const worker = await ours('worker', ['worker', '--config', config], /Working for /, env);
  const gateway = await ours('gateway', ['gateway', '--config', config], /Serving /, env);
  return {
    url: `http://${HOST}:${gatewayPort}`,
    nemoUrl: env.NEMO_BASE_URL,
    client,
    parts: [worker, gateway, temporal, platform],
  };
}

const startLean = (services: Services, folder: string, port: number, trainingSeconds: number) =>
  startPart(services, folder, 'platform', {
    command: process.execPath,
    args: ['--import', 'tsx', 'bench/scale/lean-platform.ts', `${port}`, `${trainingSeconds}`],
    isReady: (output) => Promise.resolve(output.includes('Answering')),
  });

async function startStore(services: Services): Promise<string> {
  const { url } = await services.start(
    'Elasticsearch',
    async () => {
      const server = await startElasticsearch();
      if ('skipped' in server) throw new Error(server.skipped);
      return server;
    },
    (server) => server.stop(),
  );
  return url;
}

/** In memory, as the development server is by default. */
async function startTemporal(services: Services, folder: string, port: number) {
  const address = `${HOST}:${port}`;
  const isServing = () =>
    connectClient(address).then(
      ({ close }) => close().then(() => true),
      () => false,
    );
  const temporal = await startPart(services, folder, 'temporal', {
    command: await findTemporalBinary(process.env, console.log),
    args: [
      ...['server', 'start-dev', '--ip', HOST, '--port', `${port}`, '--headless', '--log-level', 'error'],
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
    isReady: isServing,
  });
  const { client } = await services.start(
    'the connection to Temporal',
    () => connectClient(address),
    ({ close }) => close(),
  );
  return { temporal, client };
}

/** The demo with other candidates, datasets that cost little, and the pauses and limits of production. */
async function configOf({ gpus, models, poll }: ScaleOptions): Promise<string> {
  const demo = await readFile('config/demo.yaml', 'utf8');
  const nims = models.map(
    (model) =>
      `  - {model_name: ${model}, context_length: 8192, gpus: 1, customization_enabled: true, ` +
      `customizer_configs: {target: ${model}@1.0, gpus: 1, max_seq_length: 8192}}\n`,
  );
  const timing = ['deployment', 'customization', 'evaluation'].map((step) => `  ${step}_poll: ${poll}\n`);
  return demo
    .replace(/nims:\n[^]*?(?=\ntraining_config:)/, `nims:\n${nims.join('')}`)
    .replace(/epochs: .*/, 'epochs: 1')
    .replace(/min_total_records: .*/, 'min_total_records: 20')
    .replace(/timing:\n[^]*$/, `timing:\n${timing.join('')}`)
    .concat(`gpu_pool: {total_gpus: ${gpus}}\n`);
}
