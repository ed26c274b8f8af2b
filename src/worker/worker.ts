import { IllegalStateError, type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../../activities/contract.js';
import type { Logger } from '../logger.js';
import { dataQueue, watchQueue } from '../../workflows/contract.js';
import { NO_SINKS, type Tracing } from '../tracing.js';
import { observeActivities } from './activity-metrics.js';

export interface WorkerSetup {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  activities: Activities;
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  /** Upper bound of a heartbeat's delay, and of the time until a wait hears of its cancellation. */
  heartbeatThrottleMs?: number;
  /** Where each attempt of an activity is told; without it nowhere. */
  logger?: Logger;
  tracing?: Tracing | null;
}

export interface RunningWorker {
  /** Resolves when nothing is under way any more; waits are taken over by another worker or the next start. */
  stop(): Promise<void>;
  /** Settles when a worker ends by itself. */
  done: Promise<void>;
}

const WATCHES = 5_000;
const DATASETS = 2;
const HEARTBEAT_THROTTLE_MS = 30_000;

/**
 * Serves the three queues in one process. Long waits have a queue of their own, so that they never starve
 * short activities, and few datasets are built at a time, since each reads a whole workload.
 */
export async function startWorker(setup: WorkerSetup): Promise<RunningWorker> {
  const { connection, namespace, taskQueue, activities, workflowBundle, logger, tracing } = setup;
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    activities,
    interceptors: {
      activity: [...(tracing ? [tracing.activities] : []), ...(logger ? [observeActivities(logger)] : [])],
    },
    maxHeartbeatThrottleInterval: setup.heartbeatThrottleMs ?? HEARTBEAT_THROTTLE_MS,
    shutdownGraceTime: '2s',
    shutdownForceTime: '10s',
  };
  const workers = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle, sinks: tracing?.sinks ?? NO_SINKS }),
    Worker.create({
      ...common,
      taskQueue: watchQueue(taskQueue),
      maxConcurrentActivityTaskExecutions: WATCHES,
      activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 5, maximum: 60 },
    }),
    Worker.create({
      ...common,
      taskQueue: dataQueue(taskQueue),
      maxConcurrentActivityTaskExecutions: DATASETS,
    }),
  ]);
  const runs = workers.map((worker) => worker.run());
  const done = Promise.race(runs);
  // Seen by whoever awaits `done` or `stop`.
  done.catch(() => undefined);
  return {
    done,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.allSettled(runs);
      for (const run of runs) await run.catch(throwUnlessStopped);
    },
  };
}

/**
 * All is over, but a last call to Temporal, which is repeated while that is away, still holds the worker's native part:
 * that goes with the process.
 */
function throwUnlessStopped(error: unknown): void {
  if (!(error instanceof IllegalStateError && error.message.startsWith('Worker still in use'))) throw error;
}
