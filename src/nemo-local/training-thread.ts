import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../message-of.js';
import { createEngine } from './engine/index.js';
import type { BaseModel, Hyperparameters, TrainingStep } from './engine/types.js';
import type { RowForm } from './training-row.js';
import { readTrainingSet, type TrainingFiles } from './training-set.js';

// The thread that trains: reads the rows and computes, so that the one that serves stays free. Started by train-in-thread.ts.

export interface TrainingTask {
  base: BaseModel;
  files: TrainingFiles;
  form: RowForm;
  hyperparameters: Hyperparameters;
}

/** What the thread says. After `read` and `step` it waits for an answer, whatever that is, before it goes on. */
export type TrainingMessage =
  | { kind: 'read'; rows: number }
  | { kind: 'step'; step: TrainingStep }
  /** The last word: the adapter as JSON. */
  | { kind: 'trained'; adapter: string }
  /** The last word: what is wrong, for people. */
  | { kind: 'failed'; reason: string };

// Only train-in-thread.ts starts this module.
const task: TrainingTask = workerData;
try {
  say({ kind: 'trained', adapter: JSON.stringify(await train(task)) });
} catch (error) {
  say({ kind: 'failed', reason: messageOf(error) });
}

async function train({ base, files, form, hyperparameters }: TrainingTask) {
  const { rows, validation } = readTrainingSet(files, form);
  await sayAndWait({ kind: 'read', rows: rows.length });
  const onStep = (step: TrainingStep) => sayAndWait({ kind: 'step', step });
  return createEngine().train({ base, rows, validation, hyperparameters, onStep });
}

async function sayAndWait(message: TrainingMessage): Promise<void> {
  say(message);
  if (parentPort) await once(parentPort, 'message');
}

function say(message: TrainingMessage): void {
  parentPort?.postMessage(message);
}
