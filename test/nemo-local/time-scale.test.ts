import { expect, test } from 'vitest';
import { z } from 'zod';
import { aTraining, anEvaluation } from '../support/local-jobs.js';
import {
  PATIENT,
  aDataset,
  aDeployment,
  aPlatform,
  get,
  listedModels,
  overJob,
  post,
} from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

// Waiting is at least as long as it should be, on a machine of any speed. A timer may be a millisecond early.
const HALF = 0.5;
const atLeast = (seconds: number) => 0.9 * HALF * seconds * 1000;

const Times = z.looseObject({ created_at: z.string(), updated_at: z.string() });
const timesOf = (entity: unknown) => {
  const { created_at, updated_at } = Times.parse(entity);
  return { created: Date.parse(`${created_at}Z`), updated: Date.parse(`${updated_at}Z`) };
};

const deployment = '/v1/deployment/model-deployments/test/meta-tiny-1b';

test('at a time scale of a half, deployments, trainings or adapters take less than half of their time', async () => {
  const platform = await aPlatform({ timeScale: HALF });
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(40) });
  const [url] = await Promise.all([
    aTraining(platform, { model: 'meta/tiny-1b' }),
    aDeployment(platform, 'meta/tiny-1b'),
  ]);
  const deployed = timesOf((await get(`${platform.nemoUrl}${deployment}`)).body);
  expect(deployed.updated - deployed.created).toBeGreaterThan(atLeast(5));

  const job = await overJob(url);
  const trained = timesOf(job);
  // 18 steps, after a second as created and one more as pending.
  expect(trained.updated - trained.created).toBeGreaterThan(atLeast(2 + 18 * 0.05));
  const adapter = String(job['output_model']);
  await expect.poll(() => listedModels(platform), PATIENT).toContain(adapter);
  expect(Date.now() - trained.updated).toBeGreaterThan(atLeast(2));
});

test('at a time scale of 1,000 anything moves', async () => {
  const platform = await aPlatform({ timeScale: 1000 });
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(4) });
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(2) });
  await post(`${platform.nemoUrl}/v1/deployment/model-deployments`, {
    name: 'meta-tiny-1b',
    namespace: 'test',
    config: { model: 'meta/tiny-1b' },
  });
  const urls = [await aTraining(platform, { model: 'meta/tiny-1b' }), await anEvaluation(platform, 'x')];
  for (const url of urls) expect((await get(url)).body).toMatchObject({ status: 'created' });
  expect((await get(`${platform.nemoUrl}${deployment}`)).body).toMatchObject({
    status_details: { status: 'created' },
    deployed: false,
  });
});
