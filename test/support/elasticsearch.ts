import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { messageOf } from '../../src/message-of.js';
import { installedElasticsearch, javaHome } from './elasticsearch-distribution.js';
import { startInDocker } from './elasticsearch-docker.js';
import { comesUp } from './elasticsearch-up.js';

export type TestElasticsearch = { url: string; stop(): Promise<void> } | { skipped: string };

/** Elasticsearch refuses to run as root; `nobody` stands in. */
const NOBODY = 65534;
const HTTP_ADDRESS = /HttpServerTransport.*publish_address \{([^}]+)\}/;
const SETTINGS = [
  'discovery.type=single-node',
  'network.host=127.0.0.1',
  'http.port=0',
  'transport.port=0',
  'xpack.security.enabled=false',
  'node.store.allow_mmap=false',
  'cluster.routing.allocation.disk.threshold_enabled=false',
];

/** Finds or starts a real server; where there can be none it says why, and with `CI=true` throws. */
export async function startElasticsearch(heap = '512m'): Promise<TestElasticsearch> {
  const url = process.env['ELASTICSEARCH_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
  const reasons: string[] = [];
  const startInstalled = async () => startServer(await installedElasticsearch(), heap);
  for (const start of [startInstalled, startInDocker]) {
    try {
      return await start();
    } catch (error) {
      reasons.push(messageOf(error));
    }
  }
  const reason = reasons.join('; ');
  if (process.env['CI'] === 'true') throw new Error(`No Elasticsearch for the tests: ${reason}`);
  return { skipped: reason };
}

async function startServer(home: string, heap: string): Promise<{ url: string; stop(): Promise<void> }> {
  const asRoot = process.getuid?.() === 0;
  const folder = await serverFolder(home, asRoot);
  const settings = [
    ...SETTINGS,
    `path.data=${path.join(folder, 'data')}`,
    `path.logs=${path.join(folder, 'logs')}`,
  ];
  const server = spawn(
    path.join(home, 'bin', 'elasticsearch'),
    settings.map((setting) => `-E${setting}`),
    {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ES_PATH_CONF: path.join(folder, 'config'),
        ES_JAVA_HOME: await javaHome(),
        ES_TMPDIR: path.join(folder, 'tmp'),
        ES_JAVA_OPTS: `-Xms${heap} -Xmx${heap}`,
        CLI_JAVA_OPTS: '-Xms16m -Xmx64m',
      },
      ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    },
  );
  const stop = async () => {
    await ended(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url: await answeringUrl(server), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Data, logs and a configuration of its own: the server writes into each. */
async function serverFolder(home: string, asRoot: boolean): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'flywheel-elasticsearch-'));
  for (const name of ['logs', 'tmp']) await mkdir(path.join(folder, name));
  await cp(path.join(home, 'config'), path.join(folder, 'config'), { recursive: true });
  await chmod(folder, 0o755);
  if (!asRoot) return folder;
  const inside = await readdir(folder, { recursive: true });
  for (const each of ['.', ...inside]) await chown(path.join(folder, each), NOBODY, NOBODY);
  return folder;
}

/** The server chooses a free port and names it in its log, which goes to the standard output too. */
async function answeringUrl(server: ChildProcess): Promise<string> {
  let lastWords = '';
  let url = '';
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      lastWords = (lastWords + chunk.toString()).slice(-2000);
      const address = HTTP_ADDRESS.exec(lastWords)?.[1];
      if (address) url = `http://${address}`;
    });
  }
  const isGone = () => server.exitCode !== null;
  if (await comesUp(() => url, isGone)) return url;
  throw new Error(`Elasticsearch did not start; its last words: ${lastWords}`);
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}
