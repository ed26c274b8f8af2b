import { zipSync, strToU8 } from 'fflate';
import { describe, expect, test } from 'vitest';
import { createNemo } from '../../src/nemo/index.js';
import { aCandidate, MANAGED, TRAINING } from '../support/activity-world.js';
import { anAnsweringServer, type Answering, type Asked } from '../support/answering-server.js';

const RUN = 'a'.repeat(24);

async function aPlatform(answer: (asked: Asked) => Answering | null) {
  const { url, asked } = await anAnsweringServer(answer);
  const nemo = createNemo({
    nemoUrl: url,
    nimUrl: url,
    dataStoreUrl: url,
    hfToken: 'x',
    embeddingApiKey: null,
  });
  const bodies = (path: string) =>
    asked.filter((request) => request.url === path).map(({ body }) => JSON.parse(body) as object);
  return { asked, nemo, bodies };
}

describe('a deployment', () => {
  const wanted = {
    need: { namespace: 'ns', model: 'meta/tiny-1b', deployment: MANAGED },
    owner: { installation: 'i', pool: 'gpu-pool', holder: 'h', spec: '0123abcd' },
  };

  test.each([
    [500, 'model deployment already exists'],
    [409, 'conflict'],
  ])('that is already there (%i) is an error', async (status, detail) => {
    const { nemo } = await aPlatform(() => ({ status, body: { detail } }));
    expect(await nemo.deployments.create(wanted)).toBe(false);
  });

  test('that the platform could not make passes for one that is there', async () => {
    const { nemo } = await aPlatform(() => ({ status: 500, body: { detail: 'out of order' } }));
    await expect(nemo.deployments.create(wanted)).rejects.toThrow(/: 500: out of order$/);
  });

  test('cannot be told from one of somebody else', async () => {
    const { nemo, bodies } = await aPlatform(() => ({}));
    expect(await nemo.deployments.create(wanted)).toBe(true);
    expect(bodies('/v1/deployment/model-deployments')).toEqual([
      {
        name: 'meta-tiny-1b',
        namespace: 'ns',
        custom_fields: {
          managed_by: 'flywheel',
          installation: 'i',
          pool: 'gpu-pool',
          holder: 'h',
          spec: '0123abcd',
        },
        config: {
          model: 'meta/tiny-1b',
          nim_deployment: {
            image_name: 'registry/model',
            image_tag: '1',
            pvc_size: null,
            gpu: 1,
            additional_envs: { NIM_GUIDED_DECODING_BACKEND: 'outlines' },
          },
        },
      },
    ]);
  });
});

describe('a customization', () => {
  const candidate = aCandidate('meta/tiny-1b');
  const use = `flywheel-${RUN}-meta-tiny-1b/training/0123abcd`;
  const wanted = { use, namespace: 'ns', candidate, training: TRAINING, dataset: 'd' };
  const created = ({ url }: Asked): Answering =>
    url.endsWith('/configs')
      ? { status: 409, body: { detail: 'already exists' } }
      : { body: { id: 'cust-1', output_model: 'ns/customized@cust-1' } };

  test('fails because its configuration is there', async () => {
    const { nemo } = await aPlatform(created);
    expect(await nemo.customizer.create(wanted)).toEqual({
      id: 'cust-1',
      outputModel: 'ns/customized@cust-1',
    });
  });

  test('trains with a configuration that was changed since', async () => {
    const { nemo, bodies } = await aPlatform(created);
    const customizer = { ...candidate.customizer!, maxSeqLength: 512 };
    await nemo.customizer.create(wanted);
    await nemo.customizer.create({ ...wanted, candidate: { ...candidate, customizer } });
    const configs = bodies('/v1/customization/configs') as { name: string }[];
    expect(configs[0]?.name).toMatch(/^tiny-1b@v1\.0\.0\+/);
    expect(configs[0]?.name).not.toBe(configs[1]?.name);
    expect(bodies('/v1/customization/jobs')).toMatchObject(
      configs.map(({ name }) => ({
        config: `ns/${name}`,
        dataset: { name: 'd', namespace: 'ns' },
        output_model: `ns/customized-meta-tiny-1b-${RUN}-0123abcd`,
        project: `flywheel-${RUN}`,
        hyperparameters: { epochs: 2, lora: { adapter_dim: 32, adapter_dropout: 0.1 } },
      })),
    );
  });

  test('whose model has no name is waited for', async () => {
    const { nemo } = await aPlatform(() => ({ body: { id: 'cust-1' } }));
    await expect(nemo.customizer.create(wanted)).rejects.toMatchObject({ misfit: true });
  });
});

describe('an archive of samples', () => {
  const row = { item: { flywheel_id: 'a' }, sample: {}, metrics: { m: { scores: { s: { value: 1 } } } } };
  const failedRow = { item: { flywheel_id: 'b' }, metrics: null };
  const zipped = (files: Record<string, string>) =>
    zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

  test('loses the rows that failed, or trips over other files', async () => {
    const body = zipped({
      'eval-1/results.json': JSON.stringify({ task: [row, failedRow] }),
      'eval-1/summary/results.json': JSON.stringify({ id: 'x', tasks: {} }),
      'eval-1/logs.txt': 'text',
    });
    const { nemo } = await aPlatform(() => ({ body }));
    const samples = await nemo.evaluator.samples('eval-1');
    expect(samples?.['task']?.map(({ item }) => item['flywheel_id'])).toEqual(['a', 'b']);
  });

  test.each([
    ['that is none', 'not a zip'],
    ['without results', zipped({ 'logs.txt': 'text' })],
    ['with broken results', zipped({ 'results.json': '{"task": [' })],
    ['with results of another kind', zipped({ 'results.json': '{"rows": {"a": 1}}' })],
  ])('%s fails a report', async (_what, body) => {
    const { nemo } = await aPlatform(() => ({ body }));
    expect(await nemo.evaluator.samples('eval-1')).toBeNull();
  });
});

test('a dataset that is registered under another address is trained on', async () => {
  const { nemo } = await aPlatform(() => ({ body: { files_url: 'hf://datasets/ns/other' } }));
  const entry = { namespace: 'ns', name: 'd', project: 'p' };
  await expect(nemo.entityStore.registerDataset(entry)).rejects.toThrow(
    /GET .*\/v1\/datasets\/ns\/d: 200: files_url is .*other, not hf:\/\/datasets\/ns\/d$/,
  );
});

test('a namespace of the data store is not asked for in its own form, or may not exist already', async () => {
  const { nemo, asked } = await aPlatform(() => ({ status: 409, body: { detail: 'already exists' } }));
  await nemo.dataStore.ensureNamespace('ns');
  await nemo.entityStore.ensureNamespace('ns');
  expect(asked.map(({ body, headers }) => [headers['content-type'], body])).toEqual([
    ['application/x-www-form-urlencoded', 'namespace=ns'],
    ['application/json', '{"id":"ns"}'],
  ]);
});
