import type { Client } from '@temporalio/client';
import type { PoolMessage } from '../src/gpu-pool.js';
import { GPU_POOL, gpuPoolWorkflowId, poolMessages, type GpuPoolInput } from '../workflows/contract.js';

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

/** Tells the pool what a worker that starts now is configured with, and sees that there is a pool. */
export async function configurePool(temporal: Client, taskQueue: string, start: GpuPoolStart): Promise<void> {
  const { settings } = start;
  await new PoolMail(temporal, start).send(taskQueue, { kind: 'configure', settings, at: Date.now() });
}

interface Waiting {
  message: PoolMessage;
  /** Epoch ms. */
  since: number;
  sent: () => void;
  failed: (error: unknown) => void;
}

/**
 * Sends messages to the pool, and starts it if it is not there. What comes while one is under way goes together in the
 * next: a signal for each message would keep a busy pool from working at all.
 */
export class PoolMail {
  readonly #temporal: Client;
  readonly #start: GpuPoolStart;
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(temporal: Client, start: GpuPoolStart) {
    this.#temporal = temporal;
    this.#start = start;
  }

  /** Resolves when Temporal has the message. */
  send(taskQueue: string, message: PoolMessage): Promise<void> {
    return new Promise((sent, failed) => {
      const one: Waiting = { message, since: Date.now(), sent, failed };
      const waiting = this.#waiting.get(taskQueue);
      if (waiting) return void waiting.push(one);
      const first = [one];
      this.#waiting.set(taskQueue, first);
      void this.#sendAll(taskQueue, first);
    });
  }

  async #sendAll(taskQueue: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      const batch = failLate(waiting.splice(0, LONGEST_BATCH));
      if (batch.length === 0) continue;
      try {
        await this.#signal(
          taskQueue,
          batch.map(({ message }) => message),
        );
        for (const { sent } of batch) sent();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#waiting.delete(taskQueue);
  }

  async #signal(taskQueue: string, messages: PoolMessage[]): Promise<void> {
    const input: GpuPoolInput = { ...this.#start, ledger: null, isRetiring: false };
    const tell = () =>
      this.#temporal.workflow.signalWithStart(GPU_POOL, {
        workflowId: gpuPoolWorkflowId(taskQueue),
        taskQueue,
        args: [input],
        signal: poolMessages,
        signalArgs: [messages],
        staticSummary: 'who holds GPUs, and who waits',
      });
    await this.#temporal.withDeadline(Date.now() + SEND_MS, tell);
  }
}

/** Those that have not waited too long; whoever sent the others sends them again. */
function failLate(batch: readonly Waiting[]): Waiting[] {
  const isLate = ({ since }: Waiting) => Date.now() - since > WAIT_MS;
  for (const { failed } of batch.filter(isLate))
    failed(new Error('Temporal has been slow to take the messages to the GPU pool before this one'));
  return batch.filter((one) => !isLate(one));
}
