import type { Client } from '@temporalio/client';
import type { PoolMessage } from '../src/gpu-pool.js';
import { GPU_POOL, gpuPoolWorkflowId, poolMessages, type GpuPoolInput } from '../workflows/contract.js';
import { Batches } from './batches.js';

/** How the pool begins if there is none. */
export type GpuPoolStart = Pick<GpuPoolInput, 'settings' | 'timing' | 'continueAfter'>;

/** So many at once, far below what Temporal takes in one message. */
const LONGEST_BATCH = 100;

/** Tells the pool what a worker that starts now is configured with, and sees that there is a pool. */
export async function configurePool(temporal: Client, taskQueue: string, start: GpuPoolStart): Promise<void> {
  const { settings } = start;
  await new PoolMail(temporal, start).send(taskQueue, { kind: 'configure', settings, at: Date.now() });
}

/**
 * Sends messages to the pool, and starts it if it is not there. What comes while one is under way goes together in the
 * next: a signal for each message would keep a busy pool from working at all.
 */
export class PoolMail {
  readonly #temporal: Client;
  readonly #start: GpuPoolStart;
  readonly #batches = new Batches<PoolMessage, void>(LONGEST_BATCH, async (taskQueue, messages) => {
    await this.#signal(taskQueue, messages);
    return messages.map(() => undefined);
  });

  constructor(temporal: Client, start: GpuPoolStart) {
    this.#temporal = temporal;
    this.#start = start;
  }

  /** Resolves when Temporal has the message. */
  send(taskQueue: string, message: PoolMessage): Promise<void> {
    return this.#batches.add(taskQueue, message);
  }

  async #signal(taskQueue: string, messages: PoolMessage[]): Promise<void> {
    const input: GpuPoolInput = { ...this.#start, ledger: null, isRetiring: false };
    await this.#temporal.workflow.signalWithStart(GPU_POOL, {
      workflowId: gpuPoolWorkflowId(taskQueue),
      taskQueue,
      args: [input],
      signal: poolMessages,
      signalArgs: [messages],
      staticSummary: 'who holds GPUs, and who waits',
    });
  }
}
