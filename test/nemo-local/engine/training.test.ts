import { expect, test } from 'vitest';
import type { TrainingRow } from '../../../src/nemo-local/engine/types.js';
import { makeConversations } from './agent-traffic.js';
import { customize, engine, score, splitConversations, USUAL } from './scoring.js';

const MODEL = 'meta/llama-3.2-3b-instruct';
const { training, evaluation } = splitConversations(makeConversations(40, 7), 0.25, 7);

test('steps are miscounted, or the loss is not reported', async () => {
  const { steps } = await customize(MODEL, training, { epochs: 3, batchSize: 32 }, evaluation);
  const perEpoch = Math.ceil(training.length / 32);

  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 3 * perEpoch }, (_, i) => i));
  expect(
    steps.flatMap(({ step, validationLoss }) => (validationLoss === undefined ? [] : [step + 1])),
  ).toEqual([1, 2, 3].map((epoch) => epoch * perEpoch));
  expect(steps.at(-1)?.epochsCompleted).toBe(3);
  expect(steps.at(-2)?.epochsCompleted).toBe(2);
});

test('the loss does not fall while a model learns', async () => {
  const { steps } = await customize(MODEL, training, {}, evaluation);
  const validation = steps.flatMap(({ validationLoss }) => validationLoss ?? []);

  expect(steps.at(-1)?.trainLoss).toBeLessThan((steps[0]?.trainLoss ?? 0) / 3);
  expect(validation[1]).toBeLessThan(validation[0] ?? 0);
});

test('a learning rate of 10 looks like a good one', async () => {
  const { steps } = await customize(MODEL, training, { learningRate: 10 }, evaluation);
  const first = steps[0]?.trainLoss ?? 0;
  const firstValidation = steps.find(({ validationLoss }) => validationLoss !== undefined)?.validationLoss;

  expect(Math.max(...steps.map(({ trainLoss }) => trainLoss))).toBeGreaterThan(1000 * first);
  expect(firstValidation).toBeGreaterThan(1000 * first);
});

test('a learning rate beyond all numbers trains on, with a loss that is none', async () => {
  const trained = customize(MODEL, training, { learningRate: 1e30 }, evaluation);
  await expect(trained).rejects.toThrow(/diverged: from step \d+ on .* smaller than 1e\+30/);
});

test('validation rows that call what training never met count as if they were right', async () => {
  const isRenewal = ({ messages }: TrainingRow) => JSON.stringify(messages.at(-1)).includes('renew_loan');
  const others = training.filter((row) => !isRenewal(row));
  const renewals = evaluation.filter(isRenewal);
  const known = evaluation.filter((row) => !isRenewal(row));
  const losses = async (validation: TrainingRow[]) =>
    (await customize(MODEL, others, {}, validation)).steps.flatMap(
      ({ validationLoss }) => validationLoss ?? [],
    );

  expect(renewals.length).toBeGreaterThan(0);
  expect(await losses([...known, ...renewals])).toEqual(await losses(known));
  expect(await losses(renewals)).toEqual([]);
});

test('a learning rate of zero changes the answers', async () => {
  const { adapter } = await customize(MODEL, training, { learningRate: 0 });

  expect(score(MODEL, evaluation, adapter).name).toBe(score(MODEL, evaluation, null).name);
});

test('two trainings with one seed differ, or two seeds do not', async () => {
  const [first, second, other] = await Promise.all(
    [1, 1, 2].map((seed) => customize(MODEL, training, { seed })),
  );

  expect(second).toEqual(first);
  expect(other?.steps).not.toEqual(first?.steps);
});

test('an adapter answers differently after a way through a file', async () => {
  const { adapter } = await customize(MODEL, training);
  const json = JSON.stringify(adapter);

  expect(score(MODEL, evaluation, JSON.parse(json))).toEqual(score(MODEL, evaluation, adapter));
  expect(json.length).toBeLessThan(4_000_000);
});

test('a small adapter dimension does not limit the adapter', async () => {
  const small = await customize(MODEL, training, { adapterDim: 2 });
  const usual = await customize(MODEL, training);

  expect(JSON.stringify(small.adapter).length).toBeLessThan(JSON.stringify(usual.adapter).length / 2);
});

test('an error thrown at a step does not end the training', async () => {
  let steps = 0;
  const onStep = (): Promise<void> =>
    ++steps === 3 ? Promise.reject(new Error('cancelled')) : Promise.resolve();
  const base = engine.baseModel(MODEL);
  const trained = engine.train({ base, rows: training, validation: [], hyperparameters: USUAL, onStep });

  await expect(trained).rejects.toThrow('cancelled');
  expect(steps).toBe(3);
});

test('rows without tools, calls with text arguments or only plain answers break a training', async () => {
  const plain: TrainingRow = {
    messages: [
      { role: 'user', content: 'Hello?' },
      { role: 'assistant', content: 'Hi!' },
    ],
  };
  const call = { name: 'greet', arguments: '{"name":"Ada"}' };
  const called: TrainingRow = {
    messages: [
      { role: 'user', content: 'I am Ada' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: call }] },
    ],
  };
  for (const rows of [[plain], [called], [plain, called, plain]]) {
    const { adapter, steps } = await customize(MODEL, rows);
    const answer = engine.answer(
      { model: MODEL, messages: plain.messages.slice(0, 1) },
      engine.baseModel(MODEL),
      adapter,
    );

    expect(steps.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
    expect(answer.content).toEqual(expect.any(String));
  }
});
