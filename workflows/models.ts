import { CancellationScope } from '@temporalio/workflow';

/** Runs a step while the models it needs are served. */
export type UseModels = <T>(step: () => Promise<T>) => Promise<T>;

/**
 * Serves models to the steps that use them: the first user opens, the last one closes, and a user that comes while
 * they are being closed opens them again. Closing runs whatever happened, in a scope that cannot be cancelled.
 */
export function sharedModels(open: () => Promise<void>, close: () => Promise<void>): UseModels {
  let users = 0;
  let opened: Promise<void> = Promise.resolve();
  let closed: Promise<void> = Promise.resolve();
  return async (step) => {
    if (++users === 1) opened = closed.then(open);
    try {
      await opened;
      return await step();
    } finally {
      if (--users === 0) {
        closed = CancellationScope.nonCancellable(close);
        await closed;
      }
    }
  };
}
