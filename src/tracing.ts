import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { ClientInterceptors, WorkflowClientInterceptor } from '@temporalio/client';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client/index.js';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/worker/index.js';
import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';

type Sinks = NonNullable<WorkerOptions['sinks']>;

/** What of Temporal takes a trace further, from a request to the calls of NeMo. */
export interface Tracing {
  client: ClientInterceptors;
  activities: ActivityInterceptorsFactory;
  sinks: Sinks;
  /** Resolves when all spans are sent, or could not be. */
  close(): Promise<void>;
}

/** In which Temporal's interceptors carry a trace. */
const HEADER = '_tracer-data';

/**
 * Sends spans of this process to the OpenTelemetry collector that the environment names, in OTLP over HTTP; null: none is
 * named. What OpenTelemetry's own variables say of the resource goes before `service`. Once in a process.
 */
export function startTracing(env: NodeJS.ProcessEnv, service: string): Tracing | null {
  const url = tracesUrl(env);
  if (url === null) return null;
  const resource = new Resource({ 'service.name': service }).merge(envDetectorSync.detect());
  const processor = new BatchSpanProcessor(new OTLPTraceExporter({ url }));
  const provider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  provider.register();
  // Whatever asks again and again without being asked, a probe, a scrape or a sweep, would fill the collector.
  const calls = new UndiciInstrumentation({ requireParentforSpans: true });
  calls.setTracerProvider(provider);
  return {
    client: { workflow: [withinTraces(new OpenTelemetryWorkflowClientInterceptor())] },
    activities: (ctx) => ({ inbound: tracedOnly(new OpenTelemetryActivityInboundInterceptor(ctx)) }),
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    async close() {
      calls.disable();
      // A collector that is away is no reason not to stop.
      await provider.shutdown().catch(() => undefined);
    },
  };
}

/** The one of traces is a whole URL, the other one that of all signals (OpenTelemetry's "OTLP Exporter Configuration"). */
function tracesUrl(env: NodeJS.ProcessEnv): string | null {
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) return env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  return base ? `${base.replace(/\/+$/, '')}/v1/traces` : null;
}

/** Of a process that traces nothing: what other processes began to trace goes on without it. */
export const NO_SINKS: Sinks = { exporter: { export: { fn: () => undefined, callDuringReplay: false } } };

/** What is started outside of a trace begins none: the pool of GPUs, and models that all runs use, would have no end. */
const withinTraces = (interceptor: OpenTelemetryWorkflowClientInterceptor): WorkflowClientInterceptor => ({
  start: (input, next) => (trace.getActiveSpan() ? interceptor.start(input, next) : next(input)),
  startWithDetails: (input, next) =>
    trace.getActiveSpan() ? interceptor.startWithDetails(input, next) : next(input),
});

const tracedOnly = (interceptor: OpenTelemetryActivityInboundInterceptor) => {
  const execute: OpenTelemetryActivityInboundInterceptor['execute'] = (input, next) =>
    HEADER in input.headers ? interceptor.execute(input, next) : next(input);
  return { execute };
};
