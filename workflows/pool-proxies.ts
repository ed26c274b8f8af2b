import { ActivityCancellationType, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import type { TimingConfig } from '../src/config/run-config.js';
import { watchQueue } from './contract.js';
import { A_MESSAGE, commonOptions } from './proxies.js';

type Looks = 'lookAround' | 'takeCensus' | 'poolWasThere';

/** The activities as the pool calls them, grouped by how they are retried. */
export function poolProxies(timing: TimingConfig) {
  const queue = workflowInfo().taskQueue;
  const common = commonOptions(timing);
  const looking = { ...common, cancellationType: ActivityCancellationType.TRY_CANCEL };
  return {
    // The outbox. Not local: to hundreds of receivers it would keep the pool from everything else.
    letters: proxyActivities<Pick<Activities, 'sendLetters'>>({ ...common, startToCloseTimeout: A_MESSAGE }),

    // Whole look-arounds; who does not answer in time is asked again in the next one. Each attempt begins from nothing, so
    // the time is for any number of holders: what ends one whose worker is gone is the missing heartbeat.
    looks: proxyActivities<Pick<Activities, Looks>>({
      ...looking,
      startToCloseTimeout: '1 hour',
      heartbeatTimeout: timing.heartbeatTimeoutMs,
    }),

    // Stops what is nobody's any more. Given up when the pool continues as new; the next pass finds it again.
    reclaims: proxyActivities<Pick<Activities, 'stopLostJobs'>>({
      ...looking,
      taskQueue: watchQueue(queue),
      startToCloseTimeout: '1 hour',
      scheduleToCloseTimeout: '6 hours',
      heartbeatTimeout: timing.heartbeatTimeoutMs,
    }),
  };
}

export type PoolProxies = ReturnType<typeof poolProxies>;
