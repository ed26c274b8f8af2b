import { expect, test } from 'vitest';
import { textHash } from '../../src/records/json.js';
import type { EvaluationRow, InContextRow } from '../../src/records/rows.js';
import { said } from '../support/log-records.js';
import { asked, buildOf, type Fields, many, TOOLS } from './asked.js';

/** As the store names it. */
const idOf = (record: Fields): string => textHash(JSON.stringify(record), 32);

test.each([
  ['rows that call a tool', 'look_up', null],
  ['rows that call none', null, 'look_up'],
] as const)('of a set nearly all of %s only those are shown', async (_all, common, rare) => {
  const records = many(200, (n) => (n % 20 === 0 ? rare : common));
  const { samples } = await buildOf(records, { split: { evalSize: 60, valRatio: 0.4 } });
  const evaluation = samples.evaluation as EvaluationRow[];
  const kinds = [
    evaluation.map(({ response }) => response.choices[0].message.tool_calls !== undefined),
    samples.training.map(({ messages }) => messages.at(-1)?.tool_calls !== undefined),
    samples.validation.map(({ messages }) => messages.at(-1)?.tool_calls !== undefined),
  ];
  for (const kind of kinds) {
    expect(kind).toHaveLength(3);
    expect(new Set(kind).size).toBe(2);
  }
  const inContext = samples.inContext as InContextRow[];
  expect(inContext.map((row) => row.flywheel_id)).toEqual(evaluation.map((row) => row.flywheel_id));
});

test('rows are shown that the files do not have, or twice, or fewer than there are', async () => {
  const { samples, training, validation, evaluation } = await buildOf(many(9), { split: { valRatio: 0.5 } });
  expect(samples.evaluation).toEqual(evaluation.slice(0, 3));
  expect(samples.training).toEqual(training.slice(0, 3));
  expect(samples.validation).toEqual(validation.slice(0, 3));
});

test('the funnel names no record that was not trained on for its reward, or one that was evaluated', async () => {
  const records = many(60).map((record, n): Fields => ({ ...record, ...(n % 3 < 2 && { reward: n % 3 }) }));
  const { built, evaluation } = await buildOf(records, { split: { minReward: 0.5, evalSize: 20 } });
  const evaluated = new Set(evaluation.map(({ timestamp }) => timestamp / 1000));
  const [low, none] = [0, 2].map((kind) =>
    records.filter(({ timestamp }, n) => n % 3 === kind && !evaluated.has(Number(timestamp))).map(idOf),
  );
  const { untrained } = built.funnel;
  expect(untrained.map(({ reason, count }) => [reason.split(':')[0], count])).toEqual([
    ['low-reward', low?.length],
    ['no-reward', none?.length],
  ]);
  for (const [i, ids] of [low, none].entries()) {
    expect(untrained[i]?.examples).toHaveLength(3);
    for (const id of untrained[i]?.examples ?? []) expect(ids).toContain(id);
  }
});

const similar = (n: number, text: string) =>
  asked(n, null, { request: { messages: [said('user', text)], tools: TOOLS } });
const words = (count: number, name: string) =>
  Array.from({ length: count }, (_, i) => `${name}${i}`).join(' ');

test('the funnel names other records than two near-duplicates', async () => {
  const text = words(60, 'word');
  const pair = [similar(90, text), similar(91, `${text} please`)];
  const { built } = await buildOf([...many(20), ...pair], { split: { nearDuplicateSimilarity: 0.9 } });
  expect(built.funnel.nearDuplicates).toEqual({ clusters: 1, records: 2 });
  expect(built.funnel.examples?.nearDuplicates?.toSorted()).toEqual(pair.map(idOf).sort());
  expect((await buildOf(many(20))).built.funnel.examples?.nearDuplicates).toEqual([]);
});

test('that not all pairs of a crowd are compared goes unsaid, or is said of few', async () => {
  // Nine tenths of their runs of words are the same: they meet, and are no near-duplicates.
  const crowd = (count: number) =>
    Array.from({ length: count }, (_, n) => similar(n, `${words(90, 'word')} ${words(10, `own${n}x`)}`));
  const warningsOf = async (count: number) =>
    (await buildOf(crowd(count), { split: { nearDuplicateSimilarity: 0.95 } })).built.warnings;
  expect(await warningsOf(60)).toEqual([]);
  expect(await warningsOf(300)).toEqual([
    expect.stringMatching(/^near_duplicate_similarity: \d+ records resemble more than 64 others somewhat/),
  ]);
});
