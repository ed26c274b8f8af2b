import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installedElasticsearch, javaHome } from './elasticsearch-distribution.js';

export type TestElasticsearch = { url: string; stop(): Promise<void> } | { skipped: string };

/** Elasticsearch refuses to run as root; `nobody` stands in. */
const NOBODY = 65534;
const START_LIMIT_MS = 120_000;
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
export async function startElasticsearch(): Promise<TestElasticsearch> {
  const url = process.env['ELASTICSEARCH_URL'];
  if (url) return { url, stop: () => Promise.resolve() };
  try {
    return await startServer(await installedElasticsearch());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (process.env['CI'] === 'true') throw new Error(`No Elasticsearch for the tests: ${reason}`);
    return { skipped: reason };
  }
}

async function startServer(home: string): Promise<TestElasticsearch> {
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
        ES_JAVA_OPTS: '-Xms512m -Xmx512m',
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
      url ||= HTTP_ADDRESS.exec(lastWords)?.[1] ?? '';
    });
  }
  const giveUpAt = Date.now() + START_LIMIT_MS;
  while (Date.now() < giveUpAt && server.exitCode === null) {
    if (url && (await isUp(`http://${url}`))) return `http://${url}`;
    await sleep(100);
  }
  throw new Error(`Elasticsearch did not start; its last words: ${lastWords}`);
}

async function isUp(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=5s`).catch(() => null);
  return answer?.ok ?? false;
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGTERM');
  await once(server, 'exit');
}
