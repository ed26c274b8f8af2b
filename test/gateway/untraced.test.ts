import { context, trace, TraceFlags } from '@opentelemetry/api';
import { expect, onTestFinished, test } from 'vitest';
import { startTracing } from '../../src/tracing.js';
import { anAnsweringServer } from '../support/answering-server.js';
import { aCollector } from '../support/collector.js';
import { aGateway } from './gateway-world.js';

const ASKED = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

test('a probe or a scrape begins a trace, or what is asked in a trace does not stand in it', async () => {
  const collector = await aCollector();
  const service = await anAnsweringServer(() => ({}));
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, 'flywheel-test')!;
  onTestFinished(() => tracing.close());
  const ask = () => fetch(service.url);
  const { url } = await aGateway({ platform: [ask] });
  for (const path of ['/ready', '/metrics']) expect((await fetch(url + path)).status).toBe(200);
  const parent = { ...ASKED, traceFlags: TraceFlags.SAMPLED };
  await context.with(trace.setSpanContext(context.active(), parent), ask);
  expect(service.asked).toHaveLength(2);
  await tracing.close();
  expect(collector.spans().map(({ traceId, name }) => [traceId, name])).toEqual([[ASKED.traceId, 'GET']]);
});
