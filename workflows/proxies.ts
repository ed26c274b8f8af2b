import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/contract.js';
import type { TimingConfig } from '../src/config/run-config.js';
import { dataQueue, watchQueue } from './contract.js';

type Quick = 'recordRun' | 'requestCancellation' | 'countNewRecords' | 'compareWithRun';
type Reports = 'reportCandidate';
type Jobs = 'deployModel' | 'runCustomization' | 'runEvaluation';
type Releases = 'stopCustomization' | 'stopEvaluation' | 'stopJobsOfRun';
type Deletions = 'deleteDatasets' | 'deleteCustomization' | 'deleteEvaluations' | 'deleteRunRecord';

/** Shorter than the pool's grace: after that no attempt to send can still be under way. */
export const A_MESSAGE = '10 seconds';
const LONGER_THAN_ANY_JOB = '30 days';

/** What holds for every activity. */
export const commonOptions = (timing: TimingConfig) => ({
  // The SDK's default would return before the activity has noticed.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: timing.retryInitialMs,
    backoffCoefficient: 2,
    maximumInterval: timing.retryMaximumMs,
  },
});

/** The activities as workflows call them, grouped by how they are retried. */
export function proxies(timing: TimingConfig) {
  const queue = workflowInfo().taskQueue;
  const common = commonOptions(timing);
  const heartbeatTimeout = timing.heartbeatTimeoutMs;
  const wait = {
    ...common,
    taskQueue: watchQueue(queue),
    startToCloseTimeout: '1 hour',
    heartbeatTimeout,
  } as const;
  return {
    // Idempotent and short; retried until it succeeds, so that an outage of a store only delays a run.
    quick: proxyActivities<Pick<Activities, Quick>>({ ...common, startToCloseTimeout: '1 minute' }),

    // To Temporal alone, and then it is said: no workflow ends with a message under way. Half the history of others.
    messages: proxyLocalActivities<Pick<Activities, 'tellPool'>>({
      startToCloseTimeout: A_MESSAGE,
      // Else what is cancelled while it asks would give back before it has asked.
      cancellationType: common.cancellationType,
      retry: common.retry,
    }),

    // Minutes of reading and uploading; a new attempt starts over with the same names.
    transfers: proxyActivities<Pick<Activities, 'buildDatasets'>>({
      ...common,
      taskQueue: dataQueue(queue),
      startToCloseTimeout: '12 hours',
      heartbeatTimeout,
    }),

    // Sees an external job to its end, for hours. Its name is deterministic: a new attempt resumes, it does not
    // resubmit. It gives up by its own stall limit, so these timeouts never decide.
    jobs: proxyActivities<Pick<Activities, Jobs>>({
      ...common,
      taskQueue: watchQueue(queue),
      startToCloseTimeout: LONGER_THAN_ANY_JOB,
      heartbeatTimeout,
    }),

    // Reads archives of any size; gives up on those that cannot be had and reports without them.
    reports: proxyActivities<Pick<Activities, Reports>>({
      ...common,
      startToCloseTimeout: '10 minutes',
      heartbeatTimeout,
    }),

    // Undoing must outlast an outage, but not keep a run "cancelling" for ever.
    releases: proxyActivities<Pick<Activities, Releases>>({ ...wait, scheduleToCloseTimeout: '6 hours' }),

    // GPUs are in use until the deployment is gone, so this is never given up.
    removals: proxyActivities<Pick<Activities, 'undeployModel'>>(wait),

    // Waits, perhaps for the pool's whole grace: among short ones many of them would leave no turn to the rest.
    ends: proxyActivities<Pick<Activities, 'awaitRunClosed'>>(wait),

    deletions: proxyActivities<Pick<Activities, Deletions>>({ ...common, startToCloseTimeout: '5 minutes' }),
  };
}

export type Proxies = ReturnType<typeof proxies>;

/** Looks only, so that nobody waits for its end; for as long as a model is served. */
export const watchProxies = (timing: TimingConfig) =>
  proxyActivities<Pick<Activities, 'watchDeployment'>>({
    ...commonOptions(timing),
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    taskQueue: watchQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '365 days',
    heartbeatTimeout: timing.heartbeatTimeoutMs,
  });

/** Each attempt asks again, ever more rarely, and fails: attempts leave nothing in the history, however long the wait. */
export const repeatingProxies = () =>
  proxyActivities<Pick<Activities, 'repeatRequests'>>({
    startToCloseTimeout: '1 minute',
    retry: { initialInterval: '10 minutes', backoffCoefficient: 2, maximumInterval: '1 hour' },
  });
