import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { metrics } from '../../src/metrics.js';
import { observeActivities } from '../../src/worker/activity-metrics.js';
import { aLog } from '../support/a-log.js';

const STAGE = 'evaluation';

/** Ends of evaluations by their outcome, so far. */
async function ends(): Promise<Record<string, number>> {
  const [stages] = (await metrics.getMetricsAsJSON()).filter(
    ({ name }) => name === 'flywheel_stage_duration_seconds',
  );
  const values: { metricName?: string; labels: object; value: number }[] = stages?.values ?? [];
  const counts = values.filter(
    ({ metricName, labels }) =>
      metricName === 'flywheel_stage_duration_seconds_count' && 'stage' in labels && labels.stage === STAGE,
  );
  return Object.fromEntries(
    counts.map(({ labels, value }) => ['outcome' in labels ? String(labels.outcome) : '', value]),
  );
}

/** What is counted of one attempt, and what the log says of it. */
async function attempt(work: (environment: MockActivityEnvironment) => Promise<void>) {
  const { logger, lines } = aLog();
  const environment = new MockActivityEnvironment(
    { activityType: 'runEvaluation', scheduledTimestampMs: Date.now() },
    { interceptors: [observeActivities(logger)], logger: new DefaultLogger('ERROR') },
  );
  const before = await ends();
  await environment.run(() => work(environment)).catch(() => undefined);
  const after = await ends();
  const counted = Object.entries(after).filter(([outcome, count]) => count !== (before[outcome] ?? 0));
  return { counted: counted.map(([outcome]) => outcome), told: lines().map(({ outcome }) => outcome) };
}

const cancelled = (details: object) => (environment: MockActivityEnvironment) => {
  environment.cancel('CANCELLED', new ActivityCancellationDetails(details));
  return Promise.reject(new CancelledFailure('a test'));
};

test.each([
  ['completes', () => Promise.resolve(), 'completed', true],
  ['fails in passing', () => Promise.reject(new Error('away')), 'failed', false],
  [
    'fails in passing, as is expected',
    () => Promise.reject(ApplicationFailure.retryable('503')),
    'failed',
    false,
  ],
  ['fails for good', () => Promise.reject(ApplicationFailure.nonRetryable('no')), 'failed', true],
  ['is cancelled', cancelled({ cancelRequested: true }), 'cancelled', true],
  ['has a worker that stops', cancelled({ workerShutdown: true }), 'cancelled', false],
  ['is taken for dead', cancelled({ notFound: true }), 'cancelled', false],
])('an attempt that %s is told or counted wrongly', async (_what, work, outcome, isEnd) => {
  expect(await attempt(work)).toEqual({ counted: isEnd ? [outcome] : [], told: [outcome] });
});
