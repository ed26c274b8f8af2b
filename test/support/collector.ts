import { z } from 'zod';
import { anAnsweringServer } from './answering-server.js';

const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
});
/** OTLP over HTTP, as JSON: `ExportTraceServiceRequest`. */
export const exportRequest = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: spanSchema.shape.attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
});
export type Span = z.output<typeof spanSchema>;

/** What a process sends its spans to. */
export async function aCollector() {
  const { url, asked } = await anAnsweringServer(() => ({ body: {} }));
  const spans = (): Span[] =>
    asked.flatMap(({ body }) =>
      exportRequest
        .parse(JSON.parse(body))
        .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    );
  return { url, asked, spans };
}
