import type { OpenTelemetryOutboundInterceptor } from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** In which whoever starts a workflow hands his trace over. */
const HEADER = '_tracer-data';
/** It goes on until the workflow ends, so that a span of it never ended, and those below it had no parent. */
const ENDLESS = 'repeatRequests';

/**
 * Takes a trace from who started a workflow to its activities and children. A workflow without one does nothing here, not even
 * load what it would take: its history says whether it was traced, so that it replays alike on every worker.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  let outbound: OpenTelemetryOutboundInterceptor | null = null;
  return {
    inbound: [
      {
        execute(input, next) {
          if (!(HEADER in input.headers)) return next(input);
          return (async () => {
            const tracing = await import(
              /* webpackMode: "eager" */ '@temporalio/interceptors-opentelemetry/lib/workflow/index.js'
            );
            outbound = new tracing.OpenTelemetryOutboundInterceptor();
            return await new tracing.OpenTelemetryInboundInterceptor().execute(input, next);
          })();
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          outbound && input.activityType !== ENDLESS ? outbound.scheduleActivity(input, next) : next(input),
        startChildWorkflowExecution: (input, next) =>
          outbound ? outbound.startChildWorkflowExecution(input, next) : next(input),
      },
    ],
  };
};
