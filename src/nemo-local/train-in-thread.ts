import { on } from 'node:events';
import { startThread } from '../start-thread.js';
import type { TrainingStep } from './engine/types.js';
import type { TrainingMessage, TrainingTask } from './training-thread.js';

/** Told how far a training is; it goes on when what is returned resolves, and ends when that rejects. */
export interface TrainingObserver {
  rowsRead(rows: number): Promise<void>;
  stepDone(step: TrainingStep): Promise<void>;
}

/**
 * Trains in a thread of its own and resolves with the adapter as JSON. Rejects with what the thread says is wrong, with what the
 * observer rejects with, or when `signal` aborts; the thread has ended then.
 */
export async function trainInThread(
  task: TrainingTask,
  observer: TrainingObserver,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const thread = startThread(import.meta.url, 'training-thread', { workerData: task });
  try {
    // Rejects with an error that the thread did not catch, such as that it is out of memory.
    for await (const [said] of on(thread, 'message', { signal, close: ['exit'] })) {
      // The thread says nothing else.
      const message: TrainingMessage = said;
      if (message.kind === 'trained') return message.adapter;
      if (message.kind === 'failed') throw new Error(message.reason);
      if (message.kind === 'read') await observer.rowsRead(message.rows);
      else await observer.stepDone(message.step);
      thread.postMessage('go on');
    }
    throw new Error('the training thread ended before the training did');
  } finally {
    await thread.terminate();
  }
}
