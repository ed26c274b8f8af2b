import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ELASTICSEARCH_VERSION } from './elasticsearch-distribution.js';
import { comesUp } from './elasticsearch-up.js';

const run = promisify(execFile);
const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim();

const SETTINGS = [
  'discovery.type=single-node',
  'xpack.security.enabled=false',
  'cluster.routing.allocation.disk.threshold_enabled=false',
  'ES_JAVA_OPTS=-Xms512m -Xmx512m',
];

/** A server in a container, where a Docker engine answers. */
export async function startInDocker(): Promise<{ url: string; stop(): Promise<void> }> {
  await docker('info').catch(() => {
    throw new Error('no Docker engine answers');
  });
  const settings = SETTINGS.flatMap((setting) => ['-e', setting]);
  const image = `elasticsearch:${ELASTICSEARCH_VERSION}`;
  const id = await docker('run', '-d', '--rm', '-p', '127.0.0.1:0:9200', ...settings, image);
  const stop = async () => void (await docker('stop', id));
  try {
    const url = `http://${await docker('port', id, '9200/tcp')}`;
    if (await comesUp(() => url)) return { url, stop };
    throw new Error(`Elasticsearch did not start in Docker: ${await docker('logs', '--tail', '20', id)}`);
  } catch (error) {
    await stop();
    throw error;
  }
}
