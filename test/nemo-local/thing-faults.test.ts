import { beforeEach, describe, expect, test } from 'vitest';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { aTraining, admin, anEvaluation, evaluationBody, trainingBody } from '../support/local-jobs.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

const DEPLOYMENTS = '/v1/deployment/model-deployments';

const deploy = ({ nemoUrl }: NemoLocal, name: string, model: string) =>
  post(`${nemoUrl}${DEPLOYMENTS}`, { name, namespace: 'test', config: { model } });

const arm = ({ nemoUrl }: NemoLocal, fault: object) => post(`${nemoUrl}/admin/faults`, fault);

/** Each fault is asked for in both ways: by an armed fault, and by a model's name. */
const WAYS = (kind: string, sentinel: string, more: object = {}) => [
  { way: 'an armed fault', model: 'meta/tiny-1b', fault: { kind, match: 'tiny', ...more } },
  { way: `the name ${sentinel}`, model: `meta/${sentinel}-1b`, fault: null },
];

describe('a deployment', () => {
  const armed = async (platform: NemoLocal, fault: object | null) =>
    fault && (await arm(platform, { on: 'deployment', ...fault }));
  const read = async (platform: NemoLocal) => (await get(`${platform.nemoUrl}${DEPLOYMENTS}/test/d`)).body;

  test.each(WAYS('fail', 'fail-deploy'))('fails by $way', async ({ model, fault }) => {
    const platform = await aPlatform({ gpus: 1 });
    await armed(platform, fault);
    await deploy(platform, 'd', model);
    await expect.poll(() => read(platform), PATIENT).toMatchObject({ status_details: { status: 'failed' } });
    expect(await admin(platform, 'state')).toMatchObject({ gpus: { inUse: 0 } });
    // The next one of its name is well again, unless the name itself asks for it.
    await deploy(platform, 'e', 'meta/tiny-1b');
    await expect.poll(() => listedModels(platform), PATIENT).toEqual(['meta/tiny-1b']);
  });

  test.each(WAYS('stuck', 'stuck-deploy'))(
    'never becomes ready by $way, not even after a restart',
    async (one) => {
      const dataDir = await aFolder();
      const first = await aPlatform({ dataDir });
      await armed(first, one.fault);
      await deploy(first, 'd', one.model);
      await first.close();
      const second = await aPlatform({ dataDir });
      await aDeployment(second, 'meta/other-1b');
      expect(await read(second)).toMatchObject({ status_details: { status: 'pending' }, deployed: false });
    },
  );

  test.each(WAYS('vanish', 'vanish-deploy'))('is gone once it is ready by $way', async ({ model, fault }) => {
    const platform = await aPlatform({ gpus: 1 });
    await armed(platform, fault);
    await deploy(platform, 'd', model);
    await expect
      .poll(async () => (await get(`${platform.nemoUrl}${DEPLOYMENTS}/test/d`)).status, PATIENT)
      .toBe(404);
    expect(await listedModels(platform)).toEqual([]);
    expect(await admin(platform, 'state')).toMatchObject({
      deployments: [],
      gpus: { inUse: 0 },
      creations: { deployments: { 'test/d': 1 } },
    });
    expect(await admin(platform, 'faults')).toMatchObject({
      armed: [],
      spent: [
        {
          askedBy: fault ? 'admin' : 'name',
          fault: { on: 'deployment', kind: 'vanish' },
          struck: [{ what: expect.stringContaining('test/d') }],
        },
      ],
    });
  });
});

describe('a customization', () => {
  let platform: NemoLocal;
  let dataDir: string;
  const begin = async (fault: object | null) => {
    dataDir = await aFolder();
    platform = await aPlatform({ dataDir });
    await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(40) });
    if (fault) await arm(platform, { on: 'customization', ...fault });
  };
  const status = async (url: string) => (await get(`${url}/status`)).body;

  test.each(WAYS('fail', 'fail-training-at-7', { step: 7 }))(
    'fails at step 7 by $way',
    async ({ model, fault }) => {
      await begin(fault);
      const url = await aTraining(platform, { model });
      expect(await overJob(url)).toMatchObject({ status: 'failed', status_details: { steps_completed: 7 } });
      expect(JSON.stringify(await status(url))).toContain('stopped at step 7 (fail on request)');
      expect(await overJob(await aTraining(platform, { model: 'meta/tiny-1b' }))).toMatchObject({
        status: 'completed',
      });
    },
  );

  test.each(WAYS('hang', 'hang-training-at-3', { step: 3 }))(
    'hangs at step 3 by $way, also after a restart, until it is cancelled',
    async ({ model, fault }) => {
      await begin(fault);
      const url = await aTraining(platform, { model });
      const hanging = { status: 'running', steps_completed: 3 };
      await expect.poll(() => status(url), PATIENT).toMatchObject(hanging);
      const before = await status(url);
      await overJob(await aTraining(platform, { model: 'meta/other-1b', output: 'test/other' }));
      expect(await status(url)).toEqual(before);
      await platform.close();
      const second = await aPlatform({ dataDir });
      const again = url.replace(platform.nemoUrl, second.nemoUrl);
      await expect.poll(() => status(again), PATIENT).toMatchObject(hanging);
      await post(`${again}/cancel`);
      expect(await overJob(again)).toMatchObject({ status: 'cancelled' });
    },
  );

  test.each(WAYS('vanish', 'vanish-training'))('is lost by $way', async ({ model, fault }) => {
    await begin(fault);
    const url = await aTraining(platform, { model });
    await expect.poll(async () => (await get(url)).status, PATIENT).toBe(404);
    expect(await status(url)).toMatchObject({ detail: expect.stringContaining('not found') });
    // Its thread ends a little later, and then it gives its GPU back.
    await expect
      .poll(() => admin(platform, 'state'), PATIENT)
      .toMatchObject({
        customizations: [],
        gpus: { inUse: 0 },
        creations: { customizations: { 'test/out': 1 } },
      });
  });

  test.each(WAYS('no-model', 'no-model-training'))(
    'completes without its model by $way',
    async ({ model, fault }) => {
      await begin(fault);
      await aDeployment(platform, model);
      const job = await overJob(await aTraining(platform, { model }));
      expect(job).toMatchObject({ status: 'completed', status_details: { percentage_done: 100 } });
      expect((await get(`${platform.nemoUrl}/v1/models/${String(job['output_model'])}`)).status).toBe(404);
      expect(await listedModels(platform)).toEqual([model]);
    },
  );

  test('is struck as often as asked, if its name fits', async () => {
    await begin({ kind: 'fail', step: 0, match: 'test/second', count: 1 });
    const ended = async (output: string) =>
      (await overJob(await aTraining(platform, { model: 'meta/tiny-1b', output }))).status;
    expect(await ended('test/first')).toBe('completed');
    expect(await ended('test/second')).toBe('failed');
    expect(await ended('test/second')).toBe('completed');
  });
});

describe('an evaluation', () => {
  let platform: NemoLocal;
  beforeEach(async () => {
    platform = await aPlatform();
    await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(20) });
  });
  const begin = async (model: string, fault: object | null) => {
    await aDeployment(platform, model);
    if (fault) await arm(platform, { on: 'evaluation', ...fault });
    return await anEvaluation(platform, model);
  };

  test.each(WAYS('fail', 'fail-evaluation-at-20', { step: 20 }))(
    'fails at row 20 by $way',
    async ({ model, fault }) => {
      expect(await overJob(await begin(model, fault))).toMatchObject({
        status: 'failed',
        status_details: { samples_processed: 20, message: 'evaluation stopped at step 20 (fail on request)' },
      });
    },
  );

  test.each(WAYS('hang', 'hang-evaluation-at-5', { step: 5 }))(
    'hangs at row 5 by $way until it is cancelled',
    async ({ model, fault }) => {
      const url = await begin(model, fault);
      const hanging = { status: 'running', status_details: { samples_processed: 5 } };
      await expect.poll(async () => (await get(url)).body, PATIENT).toMatchObject(hanging);
      await overJob(await anEvaluation(platform, 'nobody/serves-this'));
      expect((await get(url)).body).toMatchObject(hanging);
      await post(`${url}/cancel`);
      expect(await overJob(url)).toMatchObject({ status: 'cancelled' });
    },
  );

  test.each(WAYS('vanish', 'vanish-evaluation'))('is lost by $way', async ({ model, fault }) => {
    const url = await begin(model, fault);
    await expect.poll(async () => (await get(url)).status, PATIENT).toBe(404);
    expect(await admin(platform, 'state')).toMatchObject({
      evaluations: [],
      creations: { evaluations: { 'run-1/base': 1 } },
    });
  });

  test.each(WAYS('no-result', 'no-result-evaluation'))(
    'completes without results by $way',
    async ({ model, fault }) => {
      const url = await begin(model, fault);
      expect(await overJob(url)).toMatchObject({ status: 'completed', result: null });
      expect((await get(`${url}/results`)).status).toBe(404);
    },
  );
});

test('creations are counted by name, also of what is gone, also after a restart', async () => {
  const dataDir = await aFolder();
  const first = await aPlatform({ dataDir });
  await aDataset(first, 'd', { 'training/a.jsonl': trainingRows(4) });
  for (const model of ['meta/tiny-1b', 'meta/tiny-3b'])
    await overJob(await aTraining(first, { model, output: 'test/out' }));
  await post(`${first.nemoUrl}/v1/customization/jobs`, { ...trainingBody({ model: 'x' }), dataset: 7 });
  await overJob(await anEvaluation(first, 'nobody', '__proto__'));
  await post(`${first.nemoUrl}/v1/evaluation/jobs`, { ...evaluationBody('nobody'), target: {} });
  for (let round = 0; round < 2; round++) {
    await deploy(first, 'd', 'meta/tiny-1b');
    await deploy(first, 'd', 'meta/tiny-1b');
    await fetch(`${first.nemoUrl}${DEPLOYMENTS}/test/d`, { method: 'DELETE' });
  }
  const counts = {
    datasets: { 'test/d': 1 },
    customizations: { 'test/out': 2 },
    evaluations: { 'run-1/__proto__': 1 },
    deployments: { 'test/d': 2 },
  };
  expect(await admin(first, 'state')).toMatchObject({ creations: counts, deployments: [] });
  await first.close();
  expect(await admin(await aPlatform({ dataDir }), 'state')).toMatchObject({ creations: counts });
});
