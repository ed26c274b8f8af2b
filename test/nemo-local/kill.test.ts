import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aProcess } from '../support/killable-platform.js';
import { CUSTOMIZATIONS, aTraining, admin, anEvaluation } from '../support/local-jobs.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  listedModels,
  overJob,
  send,
} from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

const moved = (url: string, from: NemoLocal, to: NemoLocal) => url.replace(from.nemoUrl, to.nemoUrl);

test('a killed nemo-local comes back without its files, its deployments or its running evaluation', async () => {
  const dataDir = await aFolder();
  const first = await aProcess(dataDir);
  await aDataset(first, 'e', { 'eval_data.jsonl': evaluationRows(2000) });
  await aDeployment(first, 'meta/tiny-1b');
  const url = await anEvaluation(first, 'meta/tiny-1b', 'killed');
  const begun = { status: 'running', status_details: { samples_processed: expect.any(Number) } };
  await vi.waitFor(async () => expect((await get(url)).body).toMatchObject(begun), PATIENT);
  await first.close();

  const second = await aProcess(dataDir);
  expect(await listedModels(second)).toEqual(['meta/tiny-1b']);
  const killed = moved(url, first, second);
  expect(await overJob(killed)).toMatchObject({
    status: 'completed',
    status_details: { samples_processed: 2000 },
  });
  const undisturbed = await anEvaluation(second, 'meta/tiny-1b', 'undisturbed');
  await overJob(undisturbed);
  const tasks = async (job: string) => Result.parse((await get(`${job}/results`)).body).tasks;
  expect(await tasks(killed)).toEqual(await tasks(undisturbed));
  expect(await admin(second, 'state')).toMatchObject({
    creations: { evaluations: { 'run-1/killed': 1, 'run-1/undisturbed': 1 } },
  });
  expect((await get(`${second.nemoUrl}/v1/evaluation/results`)).body).toMatchObject({
    pagination: { total_results: 2 },
  });
}, 120_000);

const Result = z.object({ tasks: z.unknown() });

test('a training that was killed half-way learns something else than an undisturbed one, or makes a model twice', async () => {
  const train = async (platform: NemoLocal) => {
    await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(120) });
    return await aTraining(platform, { model: 'meta/tiny-1b', output: 'test/out@v1' });
  };
  const [calmDir, dataDir] = [await aFolder(), await aFolder()];
  await overJob(await train(await aPlatform({ dataDir: calmDir })));

  const first = await aProcess(dataDir, 2);
  const url = await train(first);
  const running = z.object({ status: z.literal('running'), steps_completed: z.number().min(2) });
  await vi.waitFor(async () => running.parse((await get(`${url}/status`)).body), PATIENT);
  await first.close();
  const second = await aProcess(dataDir);
  expect(await overJob(moved(url, first, second))).toMatchObject({
    status: 'completed',
    status_details: { steps_completed: 54 },
  });
  expect(await adapters(dataDir)).toEqual(await adapters(calmDir));
  expect(await admin(second, 'state')).toMatchObject({
    creations: { customizations: { 'test/out@v1': 1 }, models: { 'test/out@v1': 1 } },
    models: [{ name: 'out@v1' }],
  });
}, 120_000);

async function adapters(dataDir: string): Promise<Record<string, string>> {
  const folder = join(dataDir, 'adapters');
  const names = await readdir(folder);
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(texts));
}

/** One thing that a client asks for, and how to see later that it is there. */
interface Order {
  make(platform: NemoLocal): Promise<Response>;
  find(platform: NemoLocal, made: { id: string }): Promise<unknown>;
  seen: unknown;
}

const json = (url: string, body: object, type = 'application/json') =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': type },
    body: JSON.stringify(body),
  });

const read = async (url: string) => (await get(url)).status;

const REPOSITORY = '/v1/hf/api/datasets/test/r';

const orders = (n: number): Order[] => [
  ...changes(n),
  {
    make: ({ nemoUrl }) => json(`${nemoUrl}/v1/namespaces`, { id: `n${n}` }),
    find: ({ nemoUrl }) => read(`${nemoUrl}/v1/namespaces/n${n}`),
    seen: 200,
  },
  {
    make: ({ nemoUrl }) =>
      json(`${nemoUrl}/v1/datasets`, { name: `d${n}`, files_url: 'hf://datasets/test/r' }),
    find: ({ nemoUrl }) => read(`${nemoUrl}/v1/datasets/default/d${n}`),
    seen: 200,
  },
  {
    make: ({ nemoUrl }) =>
      json(`${nemoUrl}/v1/deployment/model-deployments`, {
        name: `d${n}`,
        config: { model: `meta/m${n}-1b` },
      }),
    find: ({ nemoUrl }) => read(`${nemoUrl}/v1/deployment/model-deployments/default/d${n}`),
    seen: 200,
  },
  {
    make: ({ dataStoreUrl }) =>
      json(
        `${dataStoreUrl}${REPOSITORY}/commit/main`,
        { key: 'file', value: { path: `f${n}`, content: Buffer.from(`content ${n}`).toString('base64') } },
        'application/x-ndjson',
      ),
    find: async ({ dataStoreUrl }) =>
      await (await fetch(`${dataStoreUrl}/v1/hf/datasets/test/r/resolve/main/f${n}`)).text(),
    seen: `content ${n}`,
  },
  {
    make: ({ nemoUrl }) =>
      json(`${nemoUrl}/v1/evaluation/jobs`, {
        ...ROWS,
        custom_fields: { label: `e${n}` },
      }),
    find: async ({ nemoUrl }, { id }) => {
      const job = await overJob(`${nemoUrl}/v1/evaluation/jobs/${id}`);
      return [job.status, (await get(`${nemoUrl}/v1/evaluation/jobs/${id}/results`)).status];
    },
    seen: ['completed', 200],
  },
  {
    make: ({ nemoUrl }) =>
      json(`${nemoUrl}${CUSTOMIZATIONS}`, { ...TRAINING, output_model: `test/c${n}`, dataset: 'test/t' }),
    find: async ({ nemoUrl }, { id }) => {
      const job = await overJob(`${nemoUrl}${CUSTOMIZATIONS}/${id}`);
      return [job.status, await read(`${nemoUrl}/v1/models/${String(job['output_model'])}`)];
    },
    seen: ['completed', 200],
  },
];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** What changes a thing that was made before, and what is no thing of its own. */
const changes = (n: number): Order[] => [
  {
    make: async ({ nemoUrl }) => {
      await json(`${nemoUrl}/v1/projects`, { name: `p${n}`, namespace: 'test' });
      return await patch(`${nemoUrl}/v1/projects/test/p${n}`, { description: `changed ${n}` });
    },
    find: async ({ nemoUrl }) => (await get(`${nemoUrl}/v1/projects/test/p${n}`)).body,
    seen: expect.objectContaining({ description: `changed ${n}` }),
  },
  {
    make: ({ dataStoreUrl }) =>
      fetch(`${dataStoreUrl}${LFS}/${sha256(`large ${n}`)}/${`large ${n}`.length}`, {
        method: 'PUT',
        body: `large ${n}`,
      }),
    find: async ({ dataStoreUrl }) =>
      (await json(`${dataStoreUrl}${LFS}/verify`, { oid: sha256(`large ${n}`), size: 0 })).status,
    seen: 200,
  },
  {
    make: async ({ nemoUrl }) => {
      const jobs = `${nemoUrl}/v1/evaluation/jobs`;
      const hanging = await json(jobs, { ...ROWS, custom_fields: { label: `hang-evaluation ${n}` } });
      const { id } = Id.parse(await hanging.json());
      return await json(`${jobs}/${id}/cancel`, {});
    },
    find: async ({ nemoUrl }, { id }) => (await overJob(`${nemoUrl}/v1/evaluation/jobs/${id}`)).status,
    seen: 'cancelled',
  },
  {
    make: ({ nemoUrl }) =>
      json(`${nemoUrl}/admin/faults`, { on: 'deployment', kind: 'stuck', match: `armed-${n}-` }),
    find: async (platform) => {
      const { armed } = Faults.parse(await admin(platform, 'faults'));
      return armed.filter(({ fault }) => fault.match === `armed-${n}-`).length;
    },
    seen: 1,
  },
];

const patch = (url: string, body: object) =>
  fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const Faults = z.object({ armed: z.array(z.object({ fault: z.looseObject({ match: z.string() }) })) });

const LFS = '/datasets/test/r.git/info/lfs/objects';
const CHECK = { type: 'string-check', params: { check: ['{{ item.text }}', 'equals', 'a'] } };
const ROWS = {
  config: { type: 'custom', tasks: { t: { type: 'data', metrics: { m: CHECK } } } },
  target: { type: 'rows', rows: [{ text: 'a' }, { text: 'b' }] },
};
const OPTION = { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 };
const TRAINING = {
  config: { target: 'meta/tiny-1b@1', max_seq_length: 100, training_options: [OPTION] },
  hyperparameters: { finetuning_type: 'lora', epochs: 2, batch_size: 2 },
};

/** After how many acknowledgements each process is killed, with others under way. */
const KILLED_AFTER = fc.sample(fc.integer({ min: 1, max: 60 }), { numRuns: 6, seed: 7 });
const AT_ONCE = 6;

interface Made {
  order: Order;
  id: string;
}

/** Gives orders, several at once, until `count` were acknowledged; then the process is killed in the middle of the next. */
async function orderUntilKilled(platform: NemoLocal, queue: Iterator<Order>, count: number): Promise<Made[]> {
  const made: Made[] = [];
  let killed: Promise<void> | undefined;
  const work = async () => {
    for (let next = queue.next(); !next.done && !killed; next = queue.next()) {
      const order = next.value;
      const answer = await order.make(platform).catch(() => null);
      if (!answer) return;
      expect(answer.status).toBeLessThan(300);
      made.push({ order, id: String(Id.parse(await answer.json().catch(() => ({}))).id) });
      if (made.length === count) killed = platform.close();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await killed;
  return made;
}

const Id = z.looseObject({ id: z.string().optional() });

function* allOrders(): Generator<Order> {
  for (let n = 0; ; n++) yield* orders(n);
}

const Creations = z.object({ creations: z.record(z.string(), z.record(z.string(), z.number())) });

test('a kill at some moment loses what was acknowledged, or doubles it', async () => {
  const dataDir = await aFolder();
  const queue = allOrders();
  const made: Made[] = [];
  let platform = await aProcess(dataDir);
  await aDataset(platform, 't', { 'training/a.jsonl': trainingRows(8) });
  await aDataset(platform, 'r', { first: 'x' });
  for (const count of KILLED_AFTER) {
    made.push(...(await orderUntilKilled(platform, queue, count)));
    platform = await aProcess(dataDir);
    for (const { order, id } of made) expect(await order.find(platform, { id })).toEqual(order.seen);
  }
  expect(made.length).toBeGreaterThanOrEqual(KILLED_AFTER.reduce((sum, count) => sum + count, 0));
  const { creations } = Creations.parse(await admin(platform, 'state'));
  const counts = Object.values(creations).flatMap((byName) => Object.values(byName));
  expect(new Set(counts)).toEqual(new Set([1]));
  // What was deleted stays away, too.
  await send('DELETE', `${platform.nemoUrl}/v1/datasets/default/d0`);
  await platform.close();
  const last = await aProcess(dataDir);
  expect(await read(`${last.nemoUrl}/v1/datasets/default/d0`)).toBe(404);
}, 180_000);
