import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { portFor } from '../../src/cli/ports.js';
import { SEARCH_ATTRIBUTES } from '../../src/search-attributes.js';
import { connectClient } from '../../src/temporal.js';
import { Gate } from '../support/gate.js';
import { aFolder } from '../support/local-platform.js';
import { IN_TIME } from '../support/observe.js';
import { aProgram, flywheel, type Program } from '../support/program.js';
import type { Part } from './parts.js';

export const TOTAL_GPUS = 4;
const HOST = '127.0.0.1';

/** Every part as a process of its own that can be killed and started again, with the same addresses and files. */
export class Installation {
  readonly url: string;
  readonly nemoUrl: string;
  readonly dataStoreUrl: string;
  readonly temporalAddress: string;
  /** Whatever the program asks of the platform and of Elasticsearch passes here. */
  readonly gate: Gate;
  private readonly starts: Record<Part, () => Promise<Program>>;
  private readonly running = new Map<Part, Program>();

  constructor(urls: Urls, starts: Starts) {
    this.url = urls.url;
    this.nemoUrl = urls.nemoUrl;
    this.dataStoreUrl = urls.dataStoreUrl;
    this.temporalAddress = urls.temporalAddress;
    this.gate = urls.gate;
    this.starts = starts;
  }

  async start(part: Part): Promise<void> {
    this.running.set(part, await this.starts[part]());
  }

  async kill(part: Part): Promise<void> {
    const program = this.running.get(part);
    program?.child.kill('SIGKILL');
    await program?.ended();
  }

  /** What has ended without being killed, with its last words. */
  ended(): string[] {
    return [...this.running].flatMap(([part, { child, output }]) =>
      child.exitCode === null && child.signalCode === null ? [] : [`${part}: ${output().slice(-2_000)}`],
    );
  }
}

type Urls = Pick<Installation, 'url' | 'nemoUrl' | 'dataStoreUrl' | 'temporalAddress' | 'gate'>;
type Starts = Record<Part, () => Promise<Program>>;

export async function anInstallation(elasticsearchUrl: string): Promise<Installation> {
  const folder = await aFolder();
  const config = await aConfigFile(folder);
  const gate = new Gate();
  const through = async (url: string) => {
    const door = await gate.before(url);
    onTestFinished(() => door.close());
    return door.url;
  };
  const ports = { temporal: await free(), nemo: await free(), nim: await free(), dataStore: await free() };
  const [nemoUrl, nimUrl, dataStoreUrl] = [ports.nemo, ports.nim, ports.dataStore].map(atPort);
  const temporalAddress = `${HOST}:${ports.temporal}`;
  const gatewayPort = await free();
  const env = {
    // One host: a worker finds what the one before it has left.
    TMPDIR: folder,
    TEMPORAL_ADDRESS: temporalAddress,
    ELASTICSEARCH_URL: await through(elasticsearchUrl),
    ES_COLLECTION_NAME: `chaos-${Date.now()}`,
    NEMO_BASE_URL: await through(nemoUrl!),
    NIM_BASE_URL: await through(nimUrl!),
    DATASTORE_BASE_URL: await through(dataStoreUrl!),
    PORT: `${gatewayPort}`,
  };
  const ours = async (args: string[], ready: RegExp) => {
    const program = flywheel(args, env);
    await program.said(ready);
    return program;
  };
  return new Installation(
    { url: atPort(gatewayPort), nemoUrl: nemoUrl!, dataStoreUrl: dataStoreUrl!, temporalAddress, gate },
    {
      temporal: () => startTemporal(ports.temporal, join(folder, 'temporal.db')),
      'nemo-local': () =>
        ours(
          [
            ...['nemo-local', '--data', join(folder, 'nemo-local'), '--nemo-port', `${ports.nemo}`],
            ...['--nim-port', `${ports.nim}`, '--datastore-port', `${ports.dataStore}`],
          ],
          /DATASTORE_BASE_URL=/,
        ),
      gateway: () => ours(['gateway', '--config', config], /Serving /),
      worker: () => ours(['worker', '--config', config], /Working for /),
    },
  );
}

const free = () => portFor('a test', 0, '');
const atPort = (port: number): string => `http://${HOST}:${port}`;

/** The server itself, without the guard of ours that would outlive the kill for a moment. */
async function startTemporal(port: number, file: string): Promise<Program> {
  const address = `${HOST}:${port}`;
  const program = aProgram(inject('temporal').binary, [
    ...['server', 'start-dev', '--ip', HOST, '--port', `${port}`, '--headless', '--log-level', 'error'],
    ...[
      '--db-filename',
      file,
      ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ],
  ]);
  const serves = () =>
    connectClient(address).then(
      ({ close }) => close().then(() => true),
      () => program.child.exitCode,
    );
  await expect.poll(serves, IN_TIME).toBe(true);
  return program;
}

/** The demo with two candidates, on 4 GPUs of which judge and candidate take 3 and a training 2. */
async function aConfigFile(folder: string): Promise<string> {
  const demo = await readFile('config/demo.yaml', 'utf8');
  const [head = '', first = '', second = ''] = demo.split(/^ {2}- model_name: /m);
  const tail = demo.slice(demo.indexOf('training_config:'));
  const file = join(folder, 'config.yaml');
  const smaller = [head, first, second]
    .join('  - model_name: ')
    .replace('gpus: 4', 'gpus: 2')
    .replaceAll(/(customizer_configs:\n.*\n +gpus:) 1/g, '$1 2');
  const quick = `${smaller}\n${tail}`.replace(/heartbeat_timeout: .*/, 'heartbeat_timeout: 2s');
  const pool = `gpu_pool:\n  total_gpus: ${TOTAL_GPUS}\n  idle_ttl: 1s\n  pass_interval: 1s\n  grace: 63s\n`;
  await writeFile(file, `${quick}\n${pool}`);
  return file;
}
