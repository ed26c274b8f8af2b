import type { ActivityInboundCallsInterceptor, ActivityInterceptorsFactory } from '@temporalio/worker';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { runOfHolder } from '../gpu-pool.js';
import { type Logger, withLogFields } from '../logger.js';
import { stages } from '../metrics.js';

/** Activities that are a stage of a run. */
const STAGES: Partial<Record<string, string>> = {
  buildDatasets: 'datasets',
  deployModel: 'deployment',
  runCustomization: 'customization',
  runEvaluation: 'evaluation',
  reportCandidate: 'report',
};

/** An attempt that fails so that there is a next one. */
const isExpected = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.category === ApplicationFailureCategory.BENIGN;

/** No attempt comes after it. None of the stages is tried a limited number of times only. */
const isFinal = (error: unknown, { cancellationDetails }: ActivityContext): boolean =>
  cancellationDetails?.cancelRequested === true ||
  (error instanceof ApplicationFailure && error.nonRetryable === true);

type ActivityContext = Parameters<ActivityInterceptorsFactory>[0];

/** Logs each attempt of an activity with its run, and measures those with which a stage ends. */
export const observeActivities =
  (logger: Logger): ActivityInterceptorsFactory =>
  (context) => {
    const { info } = context;
    const { activityType: activity, attempt, scheduledTimestampMs } = info;
    const workflowId = info.workflowExecution?.workflowId ?? '';
    const runId = runOfHolder(workflowId);
    const end = (outcome: string, error?: unknown) => {
      const seconds = Math.max(0, (Date.now() - scheduledTimestampMs) / 1000);
      const stage = STAGES[activity];
      const isOver = outcome === 'completed' || (error !== undefined && isFinal(error, context));
      if (stage !== undefined && isOver) stages.observe({ stage, outcome }, seconds);
      logger.info({ attempt, seconds, outcome, ...(error !== undefined && { err: error }) }, 'activity');
    };
    const inbound: ActivityInboundCallsInterceptor = {
      execute: (input, next) =>
        withLogFields({ activity, workflowId, ...(runId !== null && { runId }) }, async () => {
          try {
            const result = await next(input);
            end('completed');
            return result;
          } catch (error) {
            if (isExpected(error)) end('to be repeated');
            else end(error instanceof CancelledFailure ? 'cancelled' : 'failed', error);
            throw error;
          }
        }),
    };
    return { inbound };
  };
