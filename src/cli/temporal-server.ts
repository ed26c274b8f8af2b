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
const ATTEMPTS = 3;

/** Starts Temporal's development server and waits until it serves. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // A port that was free may be taken by another program before the server has it.
      const isOtherPort = options.port === 0 || options.uiPort === 0;
      if (!(error instanceof ServerEnded && isOtherPort && attempt < ATTEMPTS)) throw error;
    }
  }
}

class ServerEnded extends Problem {}

async function startOnce(options: TemporalServerOptions): Promise<TemporalServer> {
  const instead = `TEMPORAL_ADDRESS=${HOST}:${options.port}`;
  const port = await portFor('Temporal', options.port, instead);
  const uiPort = await portFor("Temporal's UI", options.uiPort, instead);
  const child = forkModule('guard', [options.binary, ...serverArguments(port, uiPort, options.file)]);
  const output = lastOutput(child);
  const address = `${HOST}:${port}`;
  try {
    const ended = endOf(child, output);
    const isUp = untilServing(address, () => !isAlive(child), options.signal);
    await Promise.race([isUp.then((serves) => (serves ? null : ended)), ended]);
  } catch (error) {
    const Kind = isAlive(child) ? Problem : ServerEnded;
    await stopChild(child);
    options.signal?.throwIfAborted();
    throw new Kind(`Temporal's server does not serve at ${address}: ${describe(error)}`);
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

/** False when it has died before. */
async function untilServing(address: string, isDead: () => boolean, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    signal?.throwIfAborted();
    if (isDead()) return false;
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1s' });
      await connection.close();
      return true;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
