import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aPlatform } from '../support/local-platform.js';
import { aNamespace } from '../support/namespace.js';
import { finished } from '../support/observe.js';
import { Api } from '../support/api.js';
import { aProgram } from '../support/program.js';

const MAIN = resolve('dist/src/cli/main.js');
const CONFIG = resolve('config/demo.yaml');

/** The commands of the page, in its order; what only starts things here is told apart. */
async function commandsOf(page: string): Promise<string[]> {
  const blocks = [...(await readFile(page, 'utf8')).matchAll(/```sh\n(.*?)```/gs)];
  return blocks.flatMap(([, block = '']) => block.split('\n').filter((line) => line !== ''));
}

/** As the page tells them, but with the program of this repository, in a folder of its own and on free ports. */
async function aReader() {
  const folder = await mkdtemp(join(tmpdir(), 'flywheel-tutorial-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const platform = await aPlatform();
  const env = {
    TEMPORAL_ADDRESS: inject('temporal').address,
    TEMPORAL_NAMESPACE: (await aNamespace()).options.namespace,
    NEMO_BASE_URL: platform.nemoUrl,
    NIM_BASE_URL: platform.nimUrl,
    DATASTORE_BASE_URL: platform.dataStoreUrl,
    PORT: '0',
  };
  const places = new Map([
    ['http://127.0.0.1:8100', platform.nemoUrl],
    ['http://127.0.0.1:8101', platform.nimUrl],
  ]);
  const shell = (command: string) => {
    const whole = command.includes('flywheel run') ? `${command} --url http://127.0.0.1:8000` : command;
    const here = [...places].reduce((text, [told, real]) => text.replaceAll(told, real), whole);
    return here
      .replaceAll('npx flywheel', `${process.execPath} ${MAIN}`)
      .replaceAll('config/demo.yaml', CONFIG)
      .replaceAll('curl ', 'curl --silent --show-error --fail-with-body ');
  };
  const start = (command: string) => aProgram('sh', ['-ec', `cd ${folder} && exec ${shell(command)}`], env);
  const run = async (command: string) => {
    const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 100_000_000 };
    return (await promisify(execFile)('sh', ['-ec', shell(command)], options)).stdout;
  };
  return { start, run, places };
}

test('a command of the tutorial does not do what the page says', async () => {
  const commands = await commandsOf('docs/tutorial.md');
  const { start, run, places } = await aReader();
  expect(commands.splice(0, 2)).toEqual(['npm ci', 'npm start']);
  const up = start('npx flywheel up --config config/demo.yaml');
  const [, gateway = ''] = await up.said(/gateway +(http:\S+)/);
  places.set('http://127.0.0.1:8000', gateway);

  const said = new Map<string, string>();
  for (const command of commands) {
    if (command.includes('flywheel proxy')) {
      const proxy = start(`${command} --url ${gateway} --port 0`);
      const [, address = ''] = await proxy.said(/Passing (http:\S+)\/v1 on/);
      places.set('http://127.0.0.1:8010', address);
      continue;
    }
    // The record of what has passed is kept behind the answer.
    if (command.includes('/api/workloads'))
      await expect.poll(() => run(command), { timeout: 30_000 }).toContain('my-shop');
    said.set(command, await run(command));
  }
  const saidTo = (part: string) => [...said].find(([command]) => command.includes(part))?.[1] ?? '';
  expect(JSON.parse(saidTo('/v1/chat/completions'))).toMatchObject({ choices: [{ message: {} }] });
  expect(JSON.parse(saidTo('/api/workloads'))).toMatchObject({
    workloads: [{ client_id: 'my-shop', workload_id: 'service_agent', records: 1 }],
  });
  expect(saidTo('import')).toMatch(/1\d{3} records imported/);
  expect(JSON.parse(saidTo('datasets/preview'))).toMatchObject({ funnel: {}, tools: {}, samples: {} });
  expect(saidTo('flywheel run')).toMatch(/stand-in\/tiny-8b: customized: agrees with production on/);
  const { jobs } = JSON.parse(saidTo('/api/jobs')) as { jobs: { id: string }[] };
  expect(await finished(new Api(gateway), jobs[0]?.id ?? '')).toMatchObject({ status: 'completed' });
  expect(JSON.parse(saidTo('/api/schedules'))).toMatchObject({ message: 'Schedule created' });
}, 300_000);
