import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { Api } from '../support/api.js';
import { aFolder, aPlatform } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { finished } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { flywheel } from '../support/program.js';

/** `flywheel up` beside a Temporal and a platform that are there already, so that no fixed port is taken. */
async function anEnvironment() {
  const platform = await aPlatform();
  return {
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: (await aNamespace()).options.namespace,
    NEMO_BASE_URL: platform.nemoUrl,
    NIM_BASE_URL: platform.nimUrl,
    DATASTORE_BASE_URL: platform.dataStoreUrl,
    PORT: '0',
  };
}

async function up(dataDir: string, env: NodeJS.ProcessEnv, config = 'config/demo.yaml') {
  const program = flywheel(['up', '--data-dir', dataDir, '--config', config], env);
  const [, url = ''] = await program.said(/gateway +(http:\S+)/);
  return { program, api: new Api(url) };
}

test('a run that was open when `up` was stopped does not go on at its next start', async () => {
  const [env, dataDir] = [await anEnvironment(), await aFolder()];
  const first = await up(dataDir, env);
  await first.api.importRecords(orderLogs(40));
  const id = await first.api.start(ORDERS.workload, ORDERS.client, { eval_size: 20 });
  await expect.poll(async () => (await first.api.job(id)).stage, { timeout: 30_000 }).not.toBe('queued');
  first.program.child.kill('SIGINT');
  expect(await first.program.ended(), first.program.output()).toBe(0);
  expect(first.program.output()).toContain('Stopping …');

  const second = await up(dataDir, env);
  expect(await finished(second.api, id)).toMatchObject({ status: 'completed', error: null });
  second.program.child.kill('SIGTERM');
  expect(await second.program.ended(), second.program.output()).toBe(0);
}, 180_000);

test('the progress of a training stands still until it is done', async () => {
  const [env, dataDir] = [await anEnvironment(), await aFolder()];
  const config = join(dataDir, 'config.yaml');
  // By this timeout Temporal's workers would tell the progress twice a minute.
  const demo = (await readFile('config/demo.yaml', 'utf8')).replace(
    'heartbeat_timeout: 10s',
    'heartbeat_timeout: 10m',
  );
  const slow = demo.replaceAll('stand-in/tiny-1b', 'stand-in/slow-training-1b');
  // The grace must be longer than any heartbeat timeout.
  await writeFile(config, `${slow}\ngpu_pool:\n  grace: 20m\n`);
  const { api, program } = await up(dataDir, env, config);
  await api.importRecords(orderLogs(40));
  const id = await api.start(ORDERS.workload, ORDERS.client, { eval_size: 20 });
  const training = async () => (await api.job(id)).nims[0]?.customizations[0];
  await expect.poll(async () => (await training())?.steps_completed, { timeout: 60_000 }).toBeGreaterThan(1);
  expect(await training()).toMatchObject({ status: 'running' });
  program.child.kill('SIGTERM');
  expect(await program.ended(), program.output()).toBe(0);
}, 120_000);

test.each(['NEMO_BASE_URL', 'NIM_BASE_URL', 'DATASTORE_BASE_URL'])(
  'nothing answers at %s, and `up` serves as if all were well',
  async (variable) => {
    const env = { ...(await anEnvironment()), [variable]: 'http://127.0.0.1:9' };
    const program = flywheel(['up', '--data-dir', await aFolder()], env);
    expect(await program.ended()).toBe(1);
    expect(program.output()).toMatch(/the connection to NeMo could not start: GET http:\/\/127\.0\.0\.1:9/);
  },
  60_000,
);

test('half a platform in the environment is passed over in silence', async () => {
  const env = { ...(await anEnvironment()), NIM_BASE_URL: '' };
  const program = flywheel(['up', '--data-dir', await aFolder()], env);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toContain('NIM_BASE_URL must be set too');
}, 60_000);

test('a port that is taken ends `up` without naming it', async () => {
  const env = await anEnvironment();
  const { port } = new URL(env.NEMO_BASE_URL);
  const program = flywheel(['up', '--data-dir', await aFolder(), '--config', 'config/demo.yaml'], {
    ...env,
    PORT: port,
  });
  expect(await program.ended()).toBe(1);
  expect(program.output()).toContain(`cannot listen on 127.0.0.1:${port}: another program uses that port`);
}, 60_000);

test('a configuration with a mistake is answered with a stack trace', async () => {
  const program = flywheel(
    ['up', '--data-dir', await aFolder(), '--config', 'package.json'],
    await anEnvironment(),
  );
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(/^package.json: nims: /m);
  expect(program.output()).not.toMatch(/\n +at /);
}, 60_000);
