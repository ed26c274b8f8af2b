import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { addLogFields } from '../logger.js';
import { isOpen } from './caller.js';
import { routeOf } from './measure.js';

const tracer = trace.getTracer('flywheel-gateway');

/** Begins a trace, or goes on with that of who asks; what the request causes belongs to it. Probes and scrapes begin none. */
export const traceRequest: RequestHandler = (request, response, next) => {
  const { method, path } = request;
  if (isOpen(request) || path === '/metrics') return next();
  const parent = propagation.extract(context.active(), request.headers);
  const attributes = { 'http.request.method': method, 'url.path': path };
  const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
  if (span.isRecording()) addLogFields({ traceId: span.spanContext().traceId });
  response.on('close', () => {
    const { statusCode } = response;
    span.updateName(`${method} ${routeOf(request)}`);
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  context.with(trace.setSpan(parent, span), next);
};
