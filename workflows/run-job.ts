import { CancellationScope } from '@temporalio/workflow';
import { reasonOf } from './failures.js';

/**
 * Sees an external job to its end. On cancellation the job is stopped at once, without waiting for the watch to
 * notice, and once more when the watch has ended: it may have been creating the job in that moment. A job whose watch
 * gave up is stopped too. A stop that fails for good hides nothing of what else happened: `leftRunning` is told why.
 */
export async function runJob<T>(
  watch: () => Promise<T>,
  stop: () => Promise<void>,
  leftRunning: (reason: string) => void,
): Promise<T> {
  return await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    let over = false;
    const stopped = scope.cancelRequested.catch(() => (over ? null : tryToStop(stop)));
    try {
      return await watch();
    } catch (error) {
      over = true;
      if (scope.consideredCancelled) await stopped;
      const reason = await tryToStop(stop);
      if (reason !== null) leftRunning(reason);
      throw error;
    } finally {
      over = true;
      if (scope.consideredCancelled) await stopped;
    }
  });
}

/** null when the job is over, else why it may not be. */
const tryToStop = (stop: () => Promise<void>): Promise<string | null> =>
  CancellationScope.nonCancellable(stop).then(() => null, reasonOf);
