import { expect, test } from 'vitest';
import { z } from 'zod';
import type { NemoLocal } from '../../src/nemo-local/index.js';
import { CUSTOMIZATIONS, EVALUATIONS, aTraining, anEvaluation } from '../support/local-jobs.js';
import { aDataset, aPlatform, get, overJob, post } from '../support/local-platform.js';
import { evaluationRows, trainingRows } from '../support/order-traffic.js';

const List = z.object({
  data: z.array(z.looseObject({ id: z.string(), updated_at: z.string(), name: z.string().optional() })),
  pagination: z.record(z.string(), z.number()),
  sort: z.string(),
});

const listed = async (url: string) => List.parse((await get(url)).body);
const idsOf = async (url: string) => (await listed(url)).data.map(({ id }) => id);
const namesOf = async (url: string) => (await listed(url)).data.map(({ name }) => name);

const KINDS = [
  {
    kind: 'customization',
    path: CUSTOMIZATIONS,
    start: (platform: NemoLocal, n: number) =>
      aTraining(platform, { model: 'meta/hang-training-1b', output: `test/out${n}` }),
  },
  {
    kind: 'evaluation',
    path: EVALUATIONS,
    start: (platform: NemoLocal, n: number) => anEvaluation(platform, 'meta/hang-evaluation-1b', `e${n}`),
  },
];

test.each(KINDS)('$kind jobs are not cut into pages, or not in the order asked for', async (one) => {
  const platform = await aPlatform();
  await aDataset(platform, 'd', { 'training/a.jsonl': trainingRows(8) });
  await aDataset(platform, 'e', { 'eval_data.jsonl': evaluationRows(2) });
  const urls: string[] = [];
  for (let n = 0; n < 5; n++) urls.push(await one.start(platform, n));
  const made = urls.map((url) => url.split('/').at(-1) ?? '');
  const list = `${platform.nemoUrl}${one.path}`;

  expect(await idsOf(list)).toEqual(made.toReversed());
  expect(await idsOf(`${list}?sort=-created_at`)).toEqual(made.toReversed());
  expect(await idsOf(`${list}?sort=created_at`)).toEqual(made);

  const [a, b, c, d, e] = made;
  const pages = await Promise.all(
    [1, 2, 3, 4].map((page) => listed(`${list}?sort=created_at&page=${page}&page_size=2`)),
  );
  expect(pages.map(({ data }) => data.map(({ id }) => id))).toEqual([[a, b], [c, d], [e], []]);
  const totals = { page_size: 2, total_pages: 3, total_results: 5 };
  expect(pages.map(({ pagination }) => pagination)).toEqual([
    { ...totals, page: 1, current_page_size: 2 },
    { ...totals, page: 2, current_page_size: 2 },
    { ...totals, page: 3, current_page_size: 1 },
    { ...totals, page: 4, current_page_size: 0 },
  ]);
  expect(pages.map(({ sort }) => sort)).toEqual(Array(4).fill('created_at'));

  for (const place of [2, 4, 0, 3, 1]) {
    const url = urls[place] ?? '';
    await post(`${url}/cancel`);
    await overJob(url);
  }
  const { data } = await listed(`${list}?sort=created_at`);
  // Of those that ended in the same moment, the later made counts as later.
  const ended = data
    .toSorted((one, other) =>
      one.updated_at < other.updated_at ? -1 : Number(one.updated_at > other.updated_at),
    )
    .map(({ id }) => id);
  expect(ended).not.toEqual(made);
  expect(await idsOf(`${list}?sort=updated_at`)).toEqual(ended);
  expect(await idsOf(`${list}?sort=-updated_at`)).toEqual(ended.toReversed());
});

test('customization configs are not in the order of their targets, or not found by these', async () => {
  const { nemoUrl } = await aPlatform();
  const option = { training_type: 'sft', finetuning_type: 'lora', num_gpus: 1, micro_batch_size: 1 };
  const made = [
    { name: 'b', size: 8e9, enabled: true },
    { name: 'c', size: 1e9, enabled: true },
    { name: 'a', size: 70e9, enabled: false },
  ];
  for (const { name, size, enabled } of made) {
    const target = {
      name: `of-${name}@1`,
      namespace: 'meta',
      num_parameters: size,
      precision: 'bf16',
      enabled,
    };
    await post(`${nemoUrl}/v1/customization/targets`, target);
    const config = { name: `${name}@v1`, namespace: 'n', max_seq_length: 1, training_options: [option] };
    await post(`${nemoUrl}/v1/customization/configs`, { ...config, target: `meta/of-${name}@1` });
  }
  const configs = `${nemoUrl}/v1/customization/configs`;
  const sorted = (sort: string) => namesOf(`${configs}?sort=${sort}`);
  // Compared as numbers: as texts, 70 billion would come before 8.
  expect(await sorted('num_parameters')).toEqual(['c@v1', 'b@v1', 'a@v1']);
  expect(await sorted('-num_parameters')).toEqual(['a@v1', 'b@v1', 'c@v1']);
  expect(await sorted('name')).toEqual(['a@v1', 'b@v1', 'c@v1']);
  expect(await sorted('-name')).toEqual(['c@v1', 'b@v1', 'a@v1']);
  expect(await sorted('target_enabled')).toEqual(['a@v1', 'b@v1', 'c@v1']);
  expect(await sorted('-target_enabled')).toEqual(['c@v1', 'b@v1', 'a@v1']);
  expect((await get(`${configs}?sort=target_base_model`)).status).toBe(422);

  const found = (filter: string) => namesOf(`${configs}?sort=name&${filter}`);
  expect(await found('filter[name]=b@v1')).toEqual(['b@v1']);
  expect(await found('filter[target_name]=of-c@1')).toEqual(['c@v1']);
  expect(await found('filter[target_name]=of-c@1,of-a@1')).toEqual(['a@v1', 'c@v1']);
  expect(await found('filter[enabled]=false')).toEqual(['a@v1']);
  expect(await found('filter[target_name]=of-d@1')).toEqual([]);
});
