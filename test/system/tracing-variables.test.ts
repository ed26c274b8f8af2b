import { trace } from '@opentelemetry/api';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startTracing } from '../../src/tracing.js';
import { anAnsweringServer } from '../support/answering-server.js';

test("OpenTelemetry's own variables have no effect on what is sent, or where", async () => {
  const { url, asked } = await anAnsweringServer(() => ({ body: {} }));
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/of/traces`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=shop',
    OTEL_SERVICE_NAME: 'my-gateway',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=staging,service.name=other',
  }))
    vi.stubEnv(name, value);
  const tracing = startTracing(process.env, 'flywheel-gateway');
  trace.getTracer('test').startSpan('work').end();
  await tracing?.close();

  expect(asked.map((one) => [one.url, one.headers['x-tenant']])).toEqual([['/of/traces', 'shop']]);
  const { resourceSpans } = JSON.parse(asked[0]?.body ?? '');
  expect(resourceSpans[0].resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'my-gateway' } },
      { key: 'deployment.environment', value: { stringValue: 'staging' } },
    ]),
  );
});

test('a process that is told only where its traces go sends none', async () => {
  const tracing = startTracing(
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/v1/traces' },
    'flywheel',
  );
  expect(tracing).not.toBeNull();
  await tracing?.close();
});
