import { expect, test } from 'vitest';
import { datasetNames } from '../../src/ids.js';
import {
  aCandidate,
  aRunId,
  aTrainingUse,
  asActivity,
  platformActivities,
  QUICKLY,
  TRAINING,
} from '../support/activity-world.js';
import { aDataset, aPlatform, get } from '../support/local-platform.js';
import { trainingRows } from '../support/order-traffic.js';

test('a deleted run leaves datasets behind, takes those of another run, or cannot be deleted twice', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  const [ours, theirs] = [aRunId(), aRunId()];
  const names = (runId: string) => Object.values(datasetNames('orders', runId));
  for (const name of [...names(ours), ...names(theirs)])
    await aDataset(platform, name, { 'eval_data.jsonl': [{ a: 1 }] });

  const statuses = async (name: string) => {
    const entity = await get(`${platform.nemoUrl}/v1/datasets/test/${name}`);
    const repository = await get(`${platform.dataStoreUrl}/v1/hf/api/datasets/test/${name}`);
    return [entity.status, repository.status];
  };
  const input = { runId: ours, workloadId: 'orders', namespace: 'test' };
  await asActivity().run(activities.deleteDatasets, input);
  await asActivity().run(activities.deleteDatasets, input);
  for (const name of names(ours)) expect(await statuses(name)).toEqual([404, 404]);
  for (const name of names(theirs)) expect(await statuses(name)).toEqual([200, 200]);
});

test('a deleted run leaves its customized model behind, or cannot be deleted twice', async () => {
  const platform = await aPlatform();
  const { activities } = platformActivities(platform);
  await aDataset(platform, 'train', { 'training/train_data.jsonl': trainingRows(16) });
  const candidate = aCandidate('stand-in/tiny-1b');
  const ref = { runId: aRunId(), model: candidate.model };
  const { customizedModel } = await asActivity().run(activities.runCustomization, {
    use: aTrainingUse(ref.runId, ref.model),
    pool: 'no-pool',
    namespace: 'test',
    candidate,
    training: { ...TRAINING, epochs: 1 },
    dataset: 'train',
    patience: QUICKLY,
  });
  const entity = `${platform.nemoUrl}/v1/models/${customizedModel}`;
  expect((await get(entity)).status).toBe(200);
  await asActivity().run(activities.deleteCustomization, ref);
  await asActivity().run(activities.deleteCustomization, ref);
  expect((await get(entity)).status).toBe(404);
});
