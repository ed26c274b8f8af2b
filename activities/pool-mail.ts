import type { Client } from '@temporalio/client';
import type { PoolMessage } from '../src/gpu-pool.js';
import { GPU_POOL, gpuPoolWorkflowId, poolMessages, type GpuPoolInput } from '../workflows/contract.js';
import { Batches } from './batches.js';

/** How the pool begins if there is none. */
export type GpuPoolStart = Pick<GpuPoolInput, 'settings' | 'timing' | 'continueAfter'>;

/** So many at once, far below what Temporal takes in one message. */
const LONGEST_BATCH = 100;

/**
 * So long may a message wait for others that are under way, and so long may Temporal take it: together less than an
 * attempt to send may take, so that none is under way when its time is over.
 */
const WAIT_MS = 4_000;
const SEND_MS = 5_000;

interface Waiting {
  message: PoolMessage;
  /** Epoch ms. */
  since: number;
}

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
  /** Says of each message whether it was sent. */
  readonly #batches = new Batches<Waiting, boolean>(LONGEST_BATCH, async (taskQueue, waiting) => {
    const now = Date.now();
    const timely = waiting.filter(({ since }) => now - since <= WAIT_MS);
    if (timely.length > 0) await this.#signal(taskQueue, timely);
    return waiting.map((one) => timely.includes(one));
  });

  constructor(temporal: Client, start: GpuPoolStart) {
    this.#temporal = temporal;
    this.#start = start;
  }

  /** Resolves when Temporal has the message. */
  async send(taskQueue: string, message: PoolMessage): Promise<void> {
    if (await this.#batches.add(taskQueue, { message, since: Date.now() })) return;
    // Whoever sent it sends it again.
    throw new Error('Temporal has been slow to take the messages to the GPU pool before this one');
  }

  async #signal(taskQueue: string, waiting: readonly Waiting[]): Promise<void> {
    const input: GpuPoolInput = { ...this.#start, ledger: null, isRetiring: false };
    const tell = () =>
      this.#temporal.workflow.signalWithStart(GPU_POOL, {
        workflowId: gpuPoolWorkflowId(taskQueue),
        taskQueue,
        args: [input],
        signal: poolMessages,
        signalArgs: [waiting.map(({ message }) => message)],
        staticSummary: 'who holds GPUs, and who waits',
      });
    await this.#temporal.withDeadline(Date.now() + SEND_MS, tell);
  }
}
