import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { SEARCH_ATTRIBUTES } from '../search-attributes.js';
import { endOf, forkModule, isAlive, lastOutput, stopChild } from './child-process.js';
import { portFor } from './ports.js';
import { describe, Problem } from './problem.js';

export interface TemporalServerOptions {
  binary: string;
  /** 0: any free one. */
  port: number;
  uiPort: number;
  /** Database file that outlives the server; null: in memory. */
  file: string | null;
  signal?: AbortSignal;
}

export interface TemporalServer {
  address: string;
  uiUrl: string;
  stop(): Promise<void>;
  /** Rejects when it ends; of interest until it is stopped. */
  ended(): Promise<never>;
}

const HOST = '127.0.0.1';
const READY_MS = 30_000;

/** Starts Temporal's development server and waits until it serves. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const instead = `TEMPORAL_ADDRESS=${HOST}:${options.port}`;
  const port = await portFor('Temporal', options.port, instead);
  const uiPort = await portFor("Temporal's UI", options.uiPort, instead);
  const child = forkModule('guard', [options.binary, ...serverArguments(port, uiPort, options.file)]);
  const output = lastOutput(child);
  const address = `${HOST}:${port}`;
  try {
    await Promise.race([untilServing(address, () => !isAlive(child), options.signal), endOf(child, output)]);
  } catch (error) {
    await stopChild(child);
    options.signal?.throwIfAborted();
    throw new Problem(`Temporal's server does not serve at ${address}: ${describe(error)}`);
  }
  const uiUrl = `http://${HOST}:${uiPort}`;
  return { address, uiUrl, stop: () => stopChild(child), ended: () => endOf(child, output) };
}

const serverArguments = (port: number, uiPort: number, file: string | null): string[] => [
  ...['server', 'start-dev', '--ip', HOST, '--port', `${port}`, '--ui-ip', HOST, '--ui-port', `${uiPort}`],
  ...['--log-level', 'error', '--ui-disable-news-fetch'],
  ...(file === null ? [] : ['--db-filename', file]),
  ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
];

async function untilServing(address: string, isDead: () => boolean, signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    signal?.throwIfAborted();
    if (isDead()) throw new Error('it has ended');
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
