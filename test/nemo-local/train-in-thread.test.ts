import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { TrainingStep } from '../../src/nemo-local/engine/types.js';
import { trainInThread } from '../../src/nemo-local/train-in-thread.js';
import { trainingRows } from '../support/order-traffic.js';
import { USUAL } from './engine/scoring.js';

const FOREVER = 1_000_000;

function aTask(epochs: number, rows: unknown[] = trainingRows(30)) {
  const folder = mkdtempSync(join(tmpdir(), 'training-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const localPath = join(folder, 't.jsonl');
  writeFileSync(localPath, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return {
    base: { name: 'meta/tiny-1b', size: 1, isJudge: false },
    files: { dataset: 'test/d', training: [{ path: 'training/t.jsonl', localPath }], validation: [] },
    form: { promptTemplate: '{prompt} {completion}', tools: [] },
    hyperparameters: { ...USUAL, epochs },
  };
}

/** Notes what it is told and says when to stop. */
function aWatcher(stepDone: (step: TrainingStep) => Promise<void> = () => Promise.resolve()) {
  const seen: number[] = [];
  return {
    seen,
    rowsRead: (rows: number) => Promise.resolve(void seen.push(rows)),
    stepDone: (step: TrainingStep) => {
      seen.push(step.step);
      return stepDone(step);
    },
  };
}

const started: Worker[] = [];
const note = (thread: Worker) => void started.push(thread);
process.on('worker', note);
afterAll(() => void process.off('worker', note));

/** How many threads live; an ended one has no id. */
const threads = () => started.filter(({ threadId }) => threadId !== -1).length;
const { signal: NEVER } = new AbortController();

test('a training loses a step, or leaves its thread behind', async () => {
  const watcher = aWatcher();
  const adapter = await trainInThread(aTask(3), watcher, NEVER);
  // 27 rows are trained on, in batches of 16.
  expect(watcher.seen).toEqual([27, 0, 1, 2, 3, 4, 5]);
  expect(JSON.parse(adapter)).toMatchObject({ baseModel: 'meta/tiny-1b' });
  expect(threads()).toBe(0);
});

test('a training is computed in the thread that serves, which goes on when the other is gone', async () => {
  const watcher = aWatcher(async ({ step }) => {
    if (step === 2) await started.at(-1)?.terminate();
  });
  await expect(trainInThread(aTask(FOREVER), watcher, NEVER)).rejects.toThrow(
    'ended before the training did',
  );
  expect(watcher.seen).toEqual([27, 0, 1, 2]);
});

test('a training does not wait for its observer, or goes on after it has refused', async () => {
  const watcher = aWatcher(({ step }) =>
    step === 2 ? Promise.reject(new Error('enough')) : Promise.resolve(),
  );
  await expect(trainInThread(aTask(FOREVER), watcher, NEVER)).rejects.toThrow('enough');
  expect(watcher.seen).toEqual([27, 0, 1, 2]);
  expect(threads()).toBe(0);
});

test('an aborted training goes on', async () => {
  const controller = new AbortController();
  const watcher = aWatcher(() => {
    expect(threads()).toBe(1);
    return Promise.resolve(controller.abort());
  });
  await expect(trainInThread(aTask(FOREVER), watcher, controller.signal)).rejects.toThrow('aborted');
  expect(watcher.seen).toEqual([27, 0]);
  expect(threads()).toBe(0);
  await expect(trainInThread(aTask(1), watcher, controller.signal)).rejects.toThrow('aborted');
});

test('a training that cannot be done does not say why', async () => {
  const bad = [...trainingRows(1), { messages: [] }];
  await expect(trainInThread(aTask(1, bad), aWatcher(), NEVER)).rejects.toThrow('training/t.jsonl line 2');
  await expect(
    trainInThread(
      { ...aTask(1), files: { dataset: 'test/d', training: [], validation: [] } },
      aWatcher(),
      NEVER,
    ),
  ).rejects.toThrow('dataset test/d has no training row');
  expect(threads()).toBe(0);
});
