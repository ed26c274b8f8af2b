import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { portFor } from '../../src/cli/ports.js';
import type { Services } from '../../src/cli/services.js';
import { findTemporalBinary } from '../../src/cli/temporal-binary.js';
import { SEARCH_ATTRIBUTES } from '../../src/search-attributes.js';
import { connectClient } from '../../src/temporal.js';
import { startElasticsearch } from '../../test/support/elasticsearch.js';
import { withParts } from '../support/bench-parts.js';
import { demoConfig } from '../support/demo-config.js';
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
  await withParts('scale', async (services, folder) => use(await start(services, folder, options)));
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
  const demo = await demoConfig({ models, epochs: 1 });
  const timing = ['deployment', 'customization', 'evaluation'].map((step) => `  ${step}_poll: ${poll}\n`);
  return demo
    .replace(/timing:\n[^]*$/, `timing:\n${timing.join('')}`)
    .concat(`gpu_pool: {total_gpus: ${gpus}}\n`);
}
