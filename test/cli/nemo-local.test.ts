import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { startNemoLocalChild } from '../../src/cli/nemo-local-child.js';
import { createProgram } from '../../src/cli/program.js';
import { anAnsweringServer } from '../support/answering-server.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aJob,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';
import { flywheel } from '../support/program.js';

const ANY_PORTS = ['--nemo-port', '0', '--nim-port', '0', '--datastore-port', '0'];

const SERVES = /^NEMO_BASE_URL=(\S+)\nNIM_BASE_URL=(\S+)\nDATASTORE_BASE_URL=(\S+)$/m;

async function nemoLocal(args: string[], env: NodeJS.ProcessEnv = {}) {
  const data = await aFolder();
  const program = flywheel(['nemo-local', ...ANY_PORTS, '--data', data, ...args], env);
  const [, nemoUrl = '', nimUrl = '', dataStoreUrl = ''] = await program.said(SERVES);
  return { program, data, nemoUrl, nimUrl, dataStoreUrl };
}

async function aModelsFile(text: string, name = 'models.yaml'): Promise<string> {
  const file = join(await aFolder(), name);
  await writeFile(file, text);
  return file;
}

test('it does not say where it serves, does not end well by Ctrl-C, or its models need a deployment', async () => {
  const file = await aModelsFile('models: [{name: org/tiny-1b, deployed: true}, {name: org/tiny-3b}]');
  const { program, nemoUrl, nimUrl, dataStoreUrl } = await nemoLocal(['--models', file]);
  expect(await listedModels({ nimUrl })).toEqual(['org/tiny-1b']);
  expect(await get(`${nemoUrl}/v1/health/ready`)).toMatchObject({ status: 200 });
  expect(await get(`${dataStoreUrl}/v1/health`)).toMatchObject({ status: 200 });
  program.child.kill('SIGINT');
  expect(await program.ended()).toBe(0);
});

test('a local LLM does not answer for a model, gets no key of the environment, or the key is said', async () => {
  const { url, asked } = await anAnsweringServer(() => ({
    status: 401,
    body: { error: 'no such key: sk-1' },
  }));
  const file = await aModelsFile(
    '{"models": [{"name": "org/m", "openai": "llama3.2", "deployed": true}]}',
    'm.json',
  );
  const options = ['--models', file, '--openai-url', url];
  const { nimUrl, program, data } = await nemoLocal(options, { OPENAI_API_KEY: 'sk-1\n' });
  await program.said(new RegExp(`^# org/m is llama3.2 at ${url}$`, 'm'));
  const chat = { model: 'org/m', messages: [{ role: 'user', content: 'hi' }] };
  expect(await post(`${nimUrl}/v1/chat/completions`, chat)).toMatchObject({ status: 401 });
  expect(asked).toMatchObject([{ headers: { authorization: 'Bearer sk-1' }, url: '/v1/chat/completions' }]);
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ model: 'llama3.2' });
  program.child.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
  expect(program.output()).not.toContain('sk-1');
  await expect(readFile(join(data, 'nemo-local.pid'))).rejects.toThrow('ENOENT');
});

test('a second one on the same folder is not refused, or does not take the folder over after a kill', async () => {
  const { program, data } = await nemoLocal([]);
  const second = flywheel(['nemo-local', ...ANY_PORTS, '--data', data]);
  expect(await second.ended()).toBe(1);
  expect(second.output()).toMatch(
    new RegExp(`^nemo-local could not start: another nemo-local, process ${program.child.pid}, uses .*\\n$`),
  );
  program.child.kill('SIGKILL');
  await program.ended();
  await flywheel(['nemo-local', ...ANY_PORTS, '--data', data]).said(SERVES);
});

test('a port in use or a folder that cannot be written is not told in one line', async () => {
  const { nemoUrl } = await aPlatform();
  const { port } = new URL(nemoUrl);
  const file = await aModelsFile('');
  const refused = async (...args: string[]) => {
    const program = flywheel(['nemo-local', ...ANY_PORTS, '--data', await aFolder(), ...args]);
    expect(await program.ended()).toBe(1);
    return program.output();
  };
  expect(await refused('--nim-port', port)).toMatch(
    /^nemo-local could not start: nemo-local cannot open port \d+ on 127.0.0.1 for the NIM proxy: another program.*\n$/,
  );
  expect(await refused('--data', join(file, 'data'))).toMatch(
    /^nemo-local could not start: nemo-local cannot write to its data folder .*ENOTDIR.*\n$/,
  );
  const greedy = await aModelsFile('models: [{name: a, gpus: 2, deployed: true}, {name: b, deployed: true}]');
  expect(await refused('--models', greedy, '--gpus', '2')).toMatch(
    /^nemo-local could not start: the models that are deployed from the start take 3 GPUs, and there are 2\n$/,
  );
});

test.each([
  [['--gpus', '-1'], /--gpus.*It must be a whole number from 0/],
  [['--datastore-port', '65536'], /--datastore-port.*It must be a port/],
  [['--seed', '1.5'], /--seed.*It must be a whole number/],
  [['--time-scale', '-1'], /--time-scale.*It must be a number from 0/],
  [['--openai-url', 'localhost:11434'], /--openai-url.*It must be an address like http:/],
  [['--openai-url', 'http://me:secret@host'], /It must hold no name and no password/],
  [['--openai-url', 'http://host/v1?key=1'], /It must end with its path/],
  [['--openai-model', '=b'], /--openai-model.*It must be a model here, = and its name there/],
  [['--openai-model', 'a=b', '--openai-model', 'a'], /a is named twice/],
  [
    ['--openai-model', 'a=b'],
    /^a is to be answered by an OpenAI-compatible server: say where, with --openai-url$/,
  ],
  [['--openai-url', 'http://h', '--openai-model', 'embed-1b'], /^embed-1b gives embeddings/],
])('wrong use, %j, is not told in few words', async (args, message) => {
  await expect(started(args)).rejects.toThrow(
    expect.objectContaining({ message: expect.stringMatching(message) }),
  );
});

/** As far as it comes without starting anything. */
const started = async (args: string[]) => {
  const program = await createProgram(AbortSignal.abort(new Error('nothing was wrong')));
  program.commands.forEach((command) => command.configureOutput({ writeErr: () => undefined }));
  return await program.parseAsync(['nemo-local', ...args], { from: 'user' });
};

test('a file that is not there does not end the program, or with a stack trace', async () => {
  const program = flywheel(['nemo-local', '--models', '/no/where.yaml']);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(/^\/no\/where.yaml: cannot be read: ENOENT: no such file.*\n$/);
});

test('a key that no header can carry is not refused before it is sent, or shown', async () => {
  vi.stubEnv('OPENAI_API_KEY', 'sk-1 sk-2');
  onTestFinished(() => void vi.unstubAllEnvs());
  const starting = started(['--openai-url', 'http://127.0.0.1:9']);
  await expect(starting).rejects.toThrow(/^OPENAI_API_KEY holds characters that no key has[^-]*$/);
});

test('nemo-local as a child has not its models, or not the key from its environment', async () => {
  const { url, asked } = await anAnsweringServer(() => ({ body: { choices: [] } }));
  vi.stubEnv('OPENAI_API_KEY', 'sk-1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const child = await startNemoLocalChild({
    dataDir: await aFolder(),
    models: [{ name: 'org/m', deployed: true }],
    openAi: { url },
  });
  onTestFinished(() => child.stop());
  const chat = { model: 'org/m', messages: [{ role: 'user', content: 'hi' }] };
  expect(await post(`${child.addresses.nimUrl}/v1/chat/completions`, chat)).toMatchObject({ status: 200 });
  expect(asked).toMatchObject([{ headers: { authorization: 'Bearer sk-1' } }]);
});

test('`up` takes models for a platform that is not its own', async () => {
  const platform = { NEMO_BASE_URL: 'http://a', NIM_BASE_URL: 'http://b', DATASTORE_BASE_URL: 'http://c' };
  const program = flywheel(['up', '--data-dir', await aFolder(), '--openai-url', 'http://127.0.0.1:9'], {
    ...platform,
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(/^--models and --openai-url are for nemo-local, but .*\n$/);
});

test('it cannot be used by who read nothing but what it said', async () => {
  const { nemoUrl, nimUrl } = await nemoLocal(['--gpus', '2', '--seed', '7']);
  const deployments = `${nemoUrl}/v1/deployment/model-deployments`;
  await post(deployments, { name: 'm', config: { model: 'meta/llama-3.2-1b', nim_deployment: { gpu: 1 } } });
  await expect.poll(() => listedModels({ nimUrl }), PATIENT).toEqual(['meta/llama-3.2-1b']);
});

const LORA = { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 };

test('its GPUs, its seed and the name of a model elsewhere change nothing', async () => {
  const { url, asked } = await anAnsweringServer(() => ({ body: { choices: [] } }));
  const elsewhere = ['--openai-url', url, '--openai-model', 'org/m=theirs'];
  const started = await nemoLocal(['--gpus', '3', '--seed', '7', ...elsewhere]);
  const { nemoUrl, nimUrl, dataStoreUrl } = started;
  expect((await get(`${nemoUrl}/admin/state`)).body).toMatchObject({ gpus: { total: 3 } });

  await aDeployment({ nemoUrl, nimUrl }, 'org/m');
  const chat = { model: 'org/m', messages: [{ role: 'user', content: 'hi' }] };
  expect(await post(`${nimUrl}/v1/chat/completions`, chat)).toMatchObject({ status: 200 });
  expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ model: 'theirs' });

  const close = () => Promise.resolve();
  await aDataset({ nemoUrl, nimUrl, dataStoreUrl, close }, 'd', { 'training/a.jsonl': trainingRows(40) });
  const jobs = `${nemoUrl}/v1/customization/jobs`;
  const lossesOf = async (seed: object) => {
    const id = await aJob(jobs, {
      config: { target: 'meta/tiny-1b', max_seq_length: 4096, training_options: [LORA] },
      dataset: 'test/d',
      hyperparameters: { finetuning_type: 'lora', batch_size: 4, ...seed },
    });
    expect(await overJob(`${jobs}/${id}`)).toMatchObject({ status: 'completed' });
    const { val_loss } = Losses.parse((await get(`${jobs}/${id}/status`)).body);
    return val_loss;
  };
  const unsaid = await lossesOf({});
  expect(await lossesOf({ seed: 7 })).toBe(unsaid);
  expect(await lossesOf({ seed: 1 })).not.toBe(unsaid);
});

const Losses = z.looseObject({ val_loss: z.number() });

test('its time scale changes nothing', async () => {
  const { nemoUrl } = await nemoLocal(['--time-scale', '1000']);
  const deployments = `${nemoUrl}/v1/deployment/model-deployments`;
  await post(deployments, { name: 'm', namespace: 'n', config: { model: 'meta/tiny-1b' } });
  expect((await get(`${deployments}/n/m`)).body).toMatchObject({ status_details: { status: 'created' } });
});
