import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { Api } from '../support/api.js';
import { Gate } from '../support/gate.js';
import { aFolder, aPlatform } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { deployedByUs, finished, IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel } from '../support/program.js';
import { expectWithin } from './peak.js';

/** `npm run kills` for the long form. */
const KILLS = Number(process.env['KILLS'] ?? 4);
const RUNS = 6;
const GPUS = 4;
const SEED = 20_260_101;

const WHOLE_MS = 240_000 + KILLS * 30_000;
vi.setConfig({ testTimeout: WHOLE_MS });

/** The demo with one candidate, on `GPUS` GPUs of which judge and candidate take 3 and its training 2. */
async function aConfigFile(): Promise<string> {
  const demo = await readFile('config/demo.yaml', 'utf8');
  const [head = '', first = ''] = demo.split(/^ {2}- model_name: /m);
  const tail = demo.slice(demo.indexOf('training_config:'));
  const file = join(await aFolder(), 'config.yaml');
  const one = `${head}  - model_name: ${first}${tail}`
    .replace('gpus: 4', 'gpus: 2')
    .replace(/(customizer_configs:\n.*\n +gpus:) 1/, '$1 2')
    .replace(/heartbeat_timeout: .*/, 'heartbeat_timeout: 2s');
  const pool = `gpu_pool:\n  total_gpus: ${GPUS}\n  idle_ttl: 1s\n  pass_interval: 1s\n  grace: 11s\n`;
  await writeFile(file, `${one}\n${pool}`);
  return file;
}

test('runs that share GPUs do not end, or leave something, when their worker is killed again and again', async ({
  skip,
}) => {
  const elasticsearch = inject('elasticsearch');
  if ('skipped' in elasticsearch) return skip(elasticsearch.skipped);
  const platform = await aPlatform();
  const gate = new Gate();
  const door = await gate.before(platform.nemoUrl);
  onTestFinished(() => door.close());
  const config = await aConfigFile();
  const env = {
    TMPDIR: await aFolder(),
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: (await aNamespace()).options.namespace,
    ELASTICSEARCH_URL: elasticsearch.url,
    ES_COLLECTION_NAME: `kills-${Date.now()}`,
    NEMO_BASE_URL: door.url,
    NIM_BASE_URL: platform.nimUrl,
    DATASTORE_BASE_URL: platform.dataStoreUrl,
    PORT: '0',
  };
  const gateway = flywheel(['gateway', '--config', config], env);
  const [, url = ''] = await gateway.said(/Serving (http:\S+)/);
  const api = new Api(url);
  await api.importRecords(orderLogs(30));
  const ids: string[] = [];
  for (let i = 0; i < RUNS; i++) ids.push(await api.start(ORDERS.workload, ORDERS.client, { eval_size: 15 }));

  const areAllOver = async () =>
    (await Promise.all(ids.map((id) => api.job(id)))).every(({ finished_at }) => finished_at !== null);
  let killedAtWork = 0;
  // Killed after so many further requests to the platform: at any point of what it does.
  for (const requests of fc.sample(fc.integer({ min: 1, max: 60 }), { numRuns: KILLS, seed: SEED })) {
    const worker = flywheel(['worker', '--config', config], env);
    await worker.said(/Working for/);
    const from = gate.requests.length;
    const isOver = async () => gate.requests.length >= from + requests || (await areAllOver());
    await expect.poll(isOver, { ...IN_TIME, interval: 5 }).toBe(true);
    if (!(await areAllOver())) killedAtWork++;
    worker.child.kill('SIGKILL');
    await worker.ended();
  }
  expect(killedAtWork).toBeGreaterThan(0);
  const last = flywheel(['worker', '--config', config], env);
  await last.said(/Working for/);
  for (const id of ids) expect(await finished(api, id)).toMatchObject({ status: 'completed', error: null });
  await expectWithin(platform.nemoUrl, GPUS);

  await expect.poll(() => deployedByUs(platform.nemoUrl), IN_TIME).toEqual([]);
  const { customizations, evaluations } = await platformState(platform.nemoUrl);
  expect(customizations.map(({ status }) => status)).toEqual(Array(RUNS).fill('completed'));
  expect(evaluations.map(({ status }) => status)).toEqual(Array(3 * RUNS).fill('completed'));
  await expect
    .poll(async () => (await api.call('GET', '/api/gpu-pool')).body, IN_TIME)
    .toMatchObject({ gpus_in_use: 0, models: [], trainings: [], queue: [] });
});
