import { messageOf } from '../message-of.js';
/** Work that goes on after its request was answered: deployments, customizations, evaluations. */
export interface BackgroundJobs {
  /** Starts work under an id. The ending is told once, unless the process closes: then the job is begun again later. */
  start(id: string, work: (signal: AbortSignal) => Promise<void>, ended: (ending: Ending) => void): void;
  /** Aborts the work; its ending is `cancelled`. */
  cancel(id: string): void;
  /** Aborts all work without telling an ending, and waits until it has stopped. */
  close(): Promise<void>;
}

export type Ending = { status: 'completed' } | { status: 'cancelled' } | { status: 'failed'; reason: string };

/** Whether a status is one of a job's three ends. */
export const isOver = ({ status }: { status: string }): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

export function createBackgroundJobs(): BackgroundJobs {
  const running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  let closing = false;
  return {
    start(id, work, ended) {
      const controller = new AbortController();
      const done = endingOf(work, controller.signal).then((ending) => {
        // The id may have been taken again by the time a cancelled work ends.
        if (running.get(id)?.controller === controller) running.delete(id);
        if (!closing) ended(ending);
      });
      running.set(id, { controller, done });
    },
    cancel: (id) => running.get(id)?.controller.abort(),
    async close() {
      closing = true;
      for (const { controller } of running.values()) controller.abort();
      await Promise.all([...running.values()].map(({ done }) => done));
    },
  };
}

async function endingOf(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<Ending> {
  try {
    await work(signal);
    return { status: 'completed' };
  } catch (error) {
    if (signal.aborted) return { status: 'cancelled' };
    return { status: 'failed', reason: messageOf(error) };
  }
}
