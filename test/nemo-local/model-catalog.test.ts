import { expect, test } from 'vitest';
import { z } from 'zod';
import { createEngine } from '../../src/nemo-local/engine/index.js';
import { startNemoLocal, type ModelEntry } from '../../src/nemo-local/index.js';
import { createModelCatalog } from '../../src/nemo-local/model-catalog.js';
import {
  PATIENT,
  aDeployment,
  aFolder,
  aPlatform,
  get,
  listedModels,
  post,
} from '../support/local-platform.js';

const DEPLOYMENTS = '/v1/deployment/model-deployments';

const deployed = (entries: ModelEntry[]) => entries.map((entry) => ({ ...entry, deployed: true }));

const Chat = z.object({ choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]) });

test('a model is what its name sounds like, whatever its entry says', async () => {
  const models = deployed([
    { name: 'org/rater', kind: 'judge' },
    { name: 'org/judge-70b', kind: 'chat' },
    { name: 'org/vectors', kind: 'embedding' },
    { name: 'org/embed', kind: 'chat' },
  ]);
  const { nimUrl } = await aPlatform({ models });
  const content =
    'Answer with RATING: 0 or RATING: 1. <reference>the same</reference> <answer>the same</answer>';
  const asked = (model: string) =>
    post(`${nimUrl}/v1/chat/completions`, { model, messages: [{ role: 'user', content }] });
  const said = async (model: string) => Chat.parse((await asked(model)).body).choices[0].message.content;
  expect(await said('org/rater')).toMatch(/RATING: 1\s*$/);
  expect(await said('org/judge-70b')).not.toMatch(/RATING: 1\s*$/);
  expect((await asked('org/vectors')).status).toBe(404);
  const embedded = (model: string) => post(`${nimUrl}/v1/embeddings`, { model, input: 'hi' });
  expect((await embedded('org/vectors')).status).toBe(200);
  expect((await embedded('org/embed')).status).toBe(404);
});

test('what is deployed from the start is no deployment like others, or takes no GPUs', async () => {
  const models = [
    { name: 'org/tiny-1b', gpus: 2, deployed: true },
    { name: 'org/tiny-3b', gpus: 3 },
  ];
  const platform = await aPlatform({ models, gpus: 5 });
  expect(await listedModels(platform)).toEqual(['org/tiny-1b']);
  await aDeployment(platform, 'org/tiny-3b', 3);
  expect((await get(`${platform.nemoUrl}${DEPLOYMENTS}/default/org-tiny-1b`)).body).toMatchObject({
    deployed: true,
    url: platform.nimUrl,
    status_details: { status: 'ready' },
  });
  expect((await get(`${platform.nemoUrl}/admin/state`)).body).toMatchObject({
    deployments: [{ model: 'org/tiny-1b', gpus: 2 }, { gpus: 3 }],
  });
});

test('a deployment that does not say its GPUs takes others than those of its model', async () => {
  const platform = await aPlatform({ models: [{ name: 'org/tiny-1b', gpus: 3 }] });
  await post(`${platform.nemoUrl}${DEPLOYMENTS}`, { name: 'm', config: { model: 'org/tiny-1b' } });
  expect((await get(`${platform.nemoUrl}/admin/state`)).body).toMatchObject({
    deployments: [{ model: 'org/tiny-1b', gpus: 3 }],
  });
});

test('a model that does not exist is deployed or customized, or refused without the reason', async () => {
  const { nemoUrl } = await aPlatform({ models: [{ name: 'org/tiny-1b' }] });
  await post(`${nemoUrl}${DEPLOYMENTS}`, { name: 'm', config: { model: 'org/tiny-3b' } });
  await expect
    .poll(async () => (await get(`${nemoUrl}${DEPLOYMENTS}/default/m`)).body, PATIENT)
    .toMatchObject({
      deployed: false,
      status_details: {
        status: 'failed',
        description: 'there is no model org/tiny-3b: the models file does not name it',
      },
    });
  const option = { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 };
  const job = await post(`${nemoUrl}/v1/customization/jobs`, {
    config: { target: 'org/tiny-3b@1', training_options: [option], max_seq_length: 4096, name: 'c' },
    dataset: 'test/rows',
    hyperparameters: { finetuning_type: 'lora' },
  });
  expect(job).toMatchObject({
    status: 422,
    body: {
      detail: [{ msg: 'Value error, org/tiny-3b cannot be customized: the models file does not name it' }],
    },
  });
});

test('at the next start models are served that do not exist any more, or not all that do', async () => {
  const dataDir = await aFolder();
  const first = await startNemoLocal({ dataDir, models: deployed([{ name: 'a-1b' }, { name: 'b-1b' }]) });
  await aDeployment(first, 'a-1b');
  await first.close();
  const second = await aPlatform({ dataDir, models: deployed([{ name: 'b-1b' }, { name: 'c-1b' }]) });
  expect(await listedModels(second)).toEqual(['b-1b', 'c-1b']);
  const { body } = await get(`${second.nemoUrl}${DEPLOYMENTS}/test/a-1b`);
  expect(body).toMatchObject({ deployed: false, status_details: { status: 'failed' } });
});

test('a size that is given does not count, but that of the name', () => {
  const { baseModel: readName } = createEngine();
  const entries = [{ name: 'org/x-1b', size: 3 }, { name: 'org/y-8b' }];
  const catalog = createModelCatalog({ entries, openAiModels: null, readName });
  expect(catalog.baseModel('org/x-1b')).toEqual({ ...readName('org/x-1b'), size: 3 });
  expect(catalog.baseModel('org/y-8b')).toEqual(readName('org/y-8b'));
});
