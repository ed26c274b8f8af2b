import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Api } from '../support/api.js';
import { aFolder, aPlatform } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { finished, IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel } from '../support/program.js';

/** The demo's configuration with one slow training, and with a dead worker noticed within two seconds. */
async function aConfigFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const demo = await readFile('config/demo.yaml', 'utf8');
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    demo
      .replaceAll('tiny-1b', 'slow-training-1b')
      .replace(/heartbeat_timeout: .*/, 'heartbeat_timeout: 2s')
      .concat('gpu_pool:\n  idle_ttl: 1s\n'),
  );
  return file;
}

test('a worker killed during customization loses the run, or trains a candidate twice', async ({ skip }) => {
  const elasticsearch = inject('elasticsearch');
  if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
  const platform = await aPlatform();
  const config = await aConfigFile();
  const env = {
    // One host: the second worker finds what the first has left.
    TMPDIR: await aFolder(),
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: (await aNamespace()).options.namespace,
    ELASTICSEARCH_URL: elasticsearch.url,
    ES_COLLECTION_NAME: `sigkill-${Date.now()}`,
    NEMO_BASE_URL: platform.nemoUrl,
    NIM_BASE_URL: platform.nimUrl,
    DATASTORE_BASE_URL: platform.dataStoreUrl,
    PORT: '0',
  };
  const gateway = flywheel(['gateway', '--config', config], env);
  const [, url = ''] = await gateway.said(/Serving (http:\S+)/);
  const worker = flywheel(['worker', '--config', config], env);
  await worker.said(/Working for/);
  const api = new Api(url);
  await api.importRecords(orderLogs(40));
  const id = await api.start(ORDERS.workload, ORDERS.client, { eval_size: 20 });
  const trainings = async () => (await platformState(platform.nemoUrl)).customizations;
  await expect
    .poll(async () => (await trainings()).map((job) => job.status), { timeout: 60_000 })
    .toContain('running');

  worker.child.kill('SIGKILL');
  await worker.ended();
  const successor = flywheel(['worker', '--config', config], env);
  await successor.said(/Working for/);

  const job = await finished(api, id);
  expect(job).toMatchObject({ status: 'completed', error: null });
  const state = await platformState(platform.nemoUrl);
  expect(state.customizations.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
  expect(state.evaluations).toHaveLength(9);
  await expect.poll(async () => (await platformState(platform.nemoUrl)).deployments, IN_TIME).toEqual([]);

  for (const program of [successor, gateway]) {
    program.child.kill('SIGTERM');
    expect(await program.ended()).toBe(0);
  }
}, 240_000);
