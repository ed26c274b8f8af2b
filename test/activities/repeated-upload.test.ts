import { expect, test } from 'vitest';
import { datasetNames } from '../../src/ids.js';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { asActivity } from '../support/activity-world.js';
import { aDatasetWorld, buildInput, rowsOf, SPLIT } from '../support/dataset-world.js';
import { get } from '../support/local-platform.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';

/** The titles of all commits to a dataset. */
async function commitsTo(platform: NemoLocal, dataset: string): Promise<string[]> {
  const url = `${platform.dataStoreUrl}/v1/hf/api/datasets/test/${dataset}/commits/main`;
  return ((await get(url)).body as { title: string }[]).map(({ title }) => title);
}

const ONCE = ['Upload dataset', 'initial commit'];

test('a second attempt uploads again what the first has uploaded', async () => {
  const { platform, logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const input = buildInput();
  const first = await asActivity().run(buildDatasets, input);
  const again = await asActivity().run(buildDatasets, input);
  expect(again).toEqual({ ...first, readingBeganAt: again.readingBeganAt });
  for (const name of Object.values(datasetNames(ORDERS.workload, input.runId)))
    expect(await commitsTo(platform, name)).toEqual(ONCE);
});

test('a second attempt leaves files of the first to which other records belong', async () => {
  const { platform, logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const input = buildInput({ split: { ...SPLIT, evalSize: 60 } });
  const names = datasetNames(ORDERS.workload, input.runId);
  await asActivity().run(buildDatasets, input);

  const { evaluation } = await asActivity().run(buildDatasets, { ...input, split: SPLIT });
  const rows = [
    ...(await rowsOf(platform, names.evaluation, 'eval_data.jsonl')),
    ...(await rowsOf(platform, names.evaluation, 'eval_plain.jsonl')),
  ];
  expect(rows).toHaveLength(evaluation.numRecords);
  expect(await commitsTo(platform, names.training)).toEqual(['Upload dataset', ...ONCE]);
});
