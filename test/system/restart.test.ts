import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portFor } from '../../src/cli/ports.js';
import { Api } from '../support/api.js';
import { built } from '../support/built.js';
import { descendants, isRunning } from '../support/descendants.js';
import { aFolder } from '../support/local-platform.js';
import { deployedByUs, finished, IN_TIME, platformState } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { aProgram, type Program } from '../support/program.js';

/** All that `npm start` starts, Temporal and nemo-local too, on ports of its own that stay the same. */
async function anInstallation() {
  const dataDir = await aFolder();
  const config = join(dataDir, 'config.yaml');
  const demo = await readFile('config/demo.yaml', 'utf8');
  // A worker that was killed is missed after two seconds, and a model goes soon after its last use.
  const quick = demo.replace(/heartbeat_timeout: .*/, 'heartbeat_timeout: 2s');
  await writeFile(config, `${quick}\ngpu_pool:\n  idle_ttl: 1s\n`);
  const free = () => portFor('a test', 0, '');
  const ports = {
    temporal: await free(),
    temporalUi: await free(),
    nemo: await free(),
    nim: await free(),
    dataStore: await free(),
  };
  const args = [built('test/support/installation-process.ts'), dataDir, config, JSON.stringify(ports)];
  return async () => {
    const program = aProgram(process.execPath, args);
    const [, url = '', nemoUrl = ''] = await program.said(/gateway (http:\S+) platform (http:\S+) /);
    return { program, api: new Api(url), nemoUrl };
  };
}

async function stopInOrder({ child, ended, output }: Program): Promise<void> {
  child.kill('SIGTERM');
  expect(await ended(), output()).toBe(0);
}

/** Every process at once, as when the machine goes down. */
async function killAll({ child, ended }: Program): Promise<void> {
  const all = descendants(child.pid ?? 0);
  child.kill('SIGKILL');
  for (const { pid } of all) process.kill(pid, 'SIGKILL');
  await ended();
  await expect.poll(() => all.filter(isRunning), IN_TIME).toEqual([]);
}

/** The parent alone, as a user's `kill -9` does: the others see that it is gone, and may still be ending at the next start. */
async function killParent({ child, ended }: Program): Promise<void> {
  child.kill('SIGKILL');
  await ended();
}

test.each([
  ['stopped by SIGTERM', stopInOrder],
  ['killed with all its parts', killAll],
  ['killed alone', killParent],
])(
  'an installation %s in the middle of a run does not go on with it',
  async (_how, end) => {
    const start = await anInstallation();
    const first = await start();
    await first.api.importRecords(orderLogs(40));
    const id = await first.api.start(ORDERS.workload, ORDERS.client, { eval_size: 20 });
    await expect
      .poll(async () => (await platformState(first.nemoUrl)).customizations.length, IN_TIME)
      .toBeGreaterThan(0);
    await end(first.program);

    const second = await start();
    expect(await finished(second.api, id)).toMatchObject({ status: 'completed', error: null });
    const { creations } = await platformState(second.nemoUrl);
    expect(Object.values(creations.customizations)).toEqual([1, 1, 1]);
    expect(Object.values(creations.evaluations)).toEqual(Array(9).fill(1));
    await expect.poll(() => deployedByUs(second.nemoUrl), IN_TIME).toEqual([]);
    await stopInOrder(second.program);
  },
  240_000,
);
