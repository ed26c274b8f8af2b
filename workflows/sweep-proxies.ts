import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import type { TimingConfig } from '../src/config/run-config.js';
import { watchQueue } from './contract.js';
import { commonOptions } from './proxies.js';

type Stops = 'stopCustomization' | 'stopEvaluation';
type Removals = 'removeDataset' | 'removeModel' | 'resumeDeletion' | 'closeRecord';
type Expiries = 'expireRecords' | 'expireRuns';

/** What does not succeed by then is left to the next sweep: none starts while one is open. */
const A_WHILE = '10 minutes';

/** The activities as a sweep calls them, grouped by how they are retried. */
export function sweepProxies(timing: TimingConfig) {
  const common = { ...commonOptions(timing), scheduleToCloseTimeout: A_WHILE };
  const queue = workflowInfo().taskQueue;
  return {
    // Reads only.
    looks: proxyActivities<Pick<Activities, 'findLeftovers'>>({
      ...common,
      startToCloseTimeout: '5 minutes',
    }),

    // Sees each job stopped.
    stops: proxyActivities<Pick<Activities, Stops>>({
      ...common,
      taskQueue: watchQueue(queue),
      startToCloseTimeout: A_WHILE,
      heartbeatTimeout: timing.heartbeatTimeoutMs,
    }),

    // Goes on where the last one ended.
    expiries: proxyActivities<Pick<Activities, Expiries>>({
      ...common,
      startToCloseTimeout: A_WHILE,
      heartbeatTimeout: timing.heartbeatTimeoutMs,
    }),

    // Idempotent and short.
    removals: proxyActivities<Pick<Activities, Removals>>({ ...common, startToCloseTimeout: '1 minute' }),
  };
}

export type SweepProxies = ReturnType<typeof sweepProxies>;
