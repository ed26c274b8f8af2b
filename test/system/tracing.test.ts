import { expect, onTestFinished, test, vi } from 'vitest';
import { NO_SINKS, startTracing } from '../../src/tracing.js';
import { runWorkflowId } from '../../workflows/contract.js';
import { aLog } from '../support/a-log.js';
import { aCollector, exportRequest, type Span } from '../support/collector.js';
import { finished } from '../support/observe.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { TINY, untrained } from '../support/trial-runs.js';
import { startWorld, withModel } from '../support/world.js';

vi.setConfig({ testTimeout: 180_000 });

async function post(url: string, body: object, headers: Record<string, string>): Promise<{ id: string }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { id: string };
}

const OUTSIDE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

test('a trace breaks off between a request and the calls of NeMo that it causes', async () => {
  const collector = await aCollector();
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` }, 'flywheel-test')!;
  const log = aLog();
  const world = await startWorld({
    tracing,
    logger: log.logger,
    configure: (run) => {
      const [first] = run.candidates;
      run.candidates = first ? [withModel(first, TINY)] : [];
      untrained(run);
    },
  });
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= world.close().then(() => tracing.close()));
  onTestFinished(close);
  await world.api.importRecords(orderLogs(30));
  const headers = { traceparent: `00-${OUTSIDE.traceId}-${OUTSIDE.spanId}-01` };
  const job = {
    workload_id: ORDERS.workload,
    client_id: ORDERS.client,
    data_split_config: { eval_size: 15 },
  };
  const { id } = await post(`${world.api.url}/api/jobs`, job, headers);
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
  await world.client.workflow.getHandle(runWorkflowId(id)).result();
  await close();

  const spans = collector.spans().filter(({ traceId }) => traceId === OUTSIDE.traceId);
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const lineOf = (span: Span | undefined): string[] => {
    const parent = span?.parentSpanId;
    const above = parent === OUTSIDE.spanId ? ['outside'] : parent ? lineOf(byId.get(parent)) : ['nowhere'];
    return span ? [...above, span.name] : ['lost'];
  };
  const lines = spans.map((span) => lineOf(span).join(' > '));
  for (const line of lines) expect(line).toMatch(/^outside > POST \/api\/jobs/);
  const begun = 'outside > POST /api/jobs > StartWorkflow:flywheelRun > RunWorkflow:flywheelRun';
  expect(lines).toEqual(
    expect.arrayContaining([
      'outside > POST /api/jobs',
      expect.stringMatching(
        new RegExp(`^${begun} > StartActivity:buildDatasets > RunActivity:buildDatasets > POST$`),
      ),
      expect.stringMatching(
        new RegExp(
          `^${begun} > StartChildWorkflow:candidate > RunWorkflow:candidate > StartActivity:runEvaluation > RunActivity:runEvaluation > POST$`,
        ),
      ),
    ]),
  );
  const toNemo = spans.flatMap(({ attributes }) =>
    attributes.flatMap(({ key, value }) => (key === 'url.full' ? [String(value['stringValue'])] : [])),
  );
  expect(toNemo.some((url) => url.startsWith(`${world.nemoUrl}/v1/evaluation/jobs`))).toBe(true);
  expect(log.lines()).toContainEqual(
    expect.objectContaining({ msg: 'request', method: 'POST', path: '/api/jobs', traceId: OUTSIDE.traceId }),
  );
  const [first] = collector.asked;
  expect([
    first?.url,
    exportRequest.parse(JSON.parse(first?.body ?? '')).resourceSpans[0]?.resource.attributes,
  ]).toEqual([
    '/v1/traces',
    expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'flywheel-test' } }]),
  ]);
});

test('without a collector something is traced', () => {
  expect(startTracing({}, 'flywheel-test')).toBeNull();
  expect(startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 'flywheel-test')).toBeNull();
});

test('a run that was begun with a trace cannot go on with a worker that sends none', async () => {
  const collector = await aCollector();
  const tracing = startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, 'flywheel-gateway')!;
  onTestFinished(() => tracing.close());
  const world = await startWorld({
    // The gateway alone begins traces.
    tracing: { ...tracing, activities: () => ({}), sinks: NO_SINKS },
    configure: (run) => {
      run.candidates = run.candidates.slice(0, 1);
      untrained(run);
    },
  });
  onTestFinished(() => world.close());
  await world.api.importRecords(orderLogs(30));
  const id = await world.api.start(ORDERS.workload, ORDERS.client, { eval_size: 15 });
  expect(await finished(world.api, id)).toMatchObject({ status: 'completed' });
});
