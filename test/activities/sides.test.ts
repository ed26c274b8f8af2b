import { expect, test } from 'vitest';
import type { SplitConfig } from '../../src/config/run-config.js';
import type { CanonicalRecord } from '../../src/records/canonical-record.js';
import { renderExample } from '../../src/records/in-context.js';
import type { EvaluationRow, InContextRow, TrainingRow } from '../../src/records/rows.js';
import { areSimilar, shinglesOf } from '../../src/records/shingles.js';
import type { BuiltDatasets } from '../../activities/contract.js';
import { asActivity } from '../support/activity-world.js';
import { aDatasetWorld, buildInput, rowsOf, SPLIT } from '../support/dataset-world.js';
import { readRecord, said } from '../support/log-records.js';
import { orderLogs } from '../support/order-logs.js';

// Which records may be on which side of the split, seen in the files.

async function build(logs: Record<string, unknown>[], split: Partial<SplitConfig>) {
  const { platform, logs: store, buildDatasets } = await aDatasetWorld();
  await store.append(logs);
  const built = await asActivity().run(buildDatasets, buildInput({ split: { ...SPLIT, ...split } }));
  const rows = <T>(dataset: string, files: string[]) =>
    Promise.all(files.map((file) => rowsOf<T>(platform, dataset, file))).then((lists) => lists.flat());
  const evaluationFiles = built.slices.map(({ file }) => file);
  return {
    built,
    evaluation: await rows<EvaluationRow>(built.evaluation.name, evaluationFiles),
    inContext: await rows<InContextRow>(built.inContext.name, evaluationFiles),
    training: await rows<TrainingRow>(built.training.name, trainingFiles(built)),
  };
}

const trainingFiles = ({ funnel }: BuiltDatasets): string[] =>
  funnel.validation > 0
    ? ['training/train_data.jsonl', 'validation/val_data.jsonl']
    : ['training/train_data.jsonl'];

function canonical(raw: unknown): CanonicalRecord {
  const read = readRecord(raw);
  if ('rejected' in read) throw new Error(read.rejected);
  return read.record;
}

/** Every other conversation was good, every third said nothing on it. */
const rewarded = () =>
  orderLogs(60).map((record, i) => {
    const conversation = Math.floor(i / 3);
    return conversation % 3 === 0 ? record : { ...record, feedback: { reward: conversation % 2 } };
  });

test('records below min_reward are trained on or shown, or are not evaluated, or go uncounted', async () => {
  const logs = rewarded();
  const { built, evaluation, inContext, training } = await build(logs, { minReward: 0.5, randomSeed: 5 });
  const untouched = await build(logs, { randomSeed: 5 });
  expect(evaluation).toEqual(untouched.evaluation);

  const isGood = (record: Record<string, unknown>) =>
    (record['feedback'] as { reward: number } | undefined)?.reward === 1;
  const evaluated = new Set(evaluation.map(({ timestamp }) => timestamp));
  const left = logs.filter((record) => !evaluated.has(Number(record['timestamp']) * 1_000));
  expect(training).toHaveLength(left.filter(isGood).length);
  expect(built.funnel.untrained.map(({ reason, count }) => [reason.split(':')[0], count])).toEqual([
    ['low-reward', left.filter((record) => 'feedback' in record && !isGood(record)).length],
    ['no-reward', left.filter((record) => !('feedback' in record)).length],
  ]);

  const good = new Set(left.filter(isGood).map((record) => renderExample(canonical(record))));
  for (const { request } of inContext) {
    const parts = String(request.messages[0]?.content).split('\n\n');
    const examples = parts.filter((part) => part.startsWith('For example'));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(good).toContain(example);
  }
});

test('a workload without rewards is trained on all the same, or fails without a hint', async () => {
  await expect(build(orderLogs(60), { minReward: 0 })).rejects.toMatchObject({
    type: 'InvalidSplit',
    nonRetryable: true,
    message: expect.stringMatching(/0 have a reward below .* and 150 have none.*feedback\.reward/) as string,
  });
});

/** Forty questions, each asked in three sessions with another word in it. */
const alike = () =>
  Array.from({ length: 120 }, (_, i) => {
    const words = Array.from({ length: 40 }, (_, word) => `topic${i % 40}word${word}`);
    words[20] = `session${i}`;
    return {
      timestamp: 1_700_000_000 + i,
      workload_id: 'order_agent',
      client_id: 'test-shop',
      session_id: `session-${i}`,
      request: { messages: [said('user', words.join(' '))] },
      response: { choices: [{ message: said('assistant', 'Yes.') }] },
    };
  });

const asked = (messages: TrainingRow['messages']): Uint32Array =>
  shinglesOf(canonical({ ...alike()[0], request: { messages } }));

test('near-duplicates are evaluated and trained on, though they are to stay on one side', async () => {
  const near = async (nearDuplicateSimilarity: number | null) => {
    const { built, evaluation, training } = await build(alike(), { nearDuplicateSimilarity });
    const learned = training.map(({ messages }) => asked(messages.slice(0, -1)));
    const leaks = evaluation.filter(({ request }) =>
      learned.some((set) => areSimilar(asked(request.messages), set, 0.8)),
    );
    return { funnel: built.funnel, leaks: leaks.length };
  };
  const apart = await near(0.8);
  expect(apart.leaks).toBe(0);
  expect(apart.funnel).toMatchObject({ nearDuplicates: { clusters: 40, records: 120 }, conversations: 40 });
  const mixed = await near(null);
  expect(mixed.leaks).toBeGreaterThan(0);
  expect(mixed.funnel).toMatchObject({ nearDuplicates: null, conversations: 120 });
});
