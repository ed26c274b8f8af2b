import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { effectiveRunConfig, splitOverrides } from '../../src/config/index.js';
import { startCheckedGateway } from '../support/checked-gateway.js';
import { toFunnel, toWorkloadType } from '../../src/gateway/job-document.js';
import type { EvaluationRow, InContextRow, TrainingRow } from '../../src/records/rows.js';
import type { ExportQuery } from '../../src/stores/log-store.js';
import { asActivity } from '../support/activity-world.js';
import { aDatasetWorld, buildInput, rowsOf } from '../support/dataset-world.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';
import { aGateway, type GatewayWorld, NOWHERE } from './gateway-world.js';

const PREVIEW = '/api/datasets/preview';
const BODY = {
  workload_id: ORDERS.workload,
  client_id: ORDERS.client,
  data_split_config: { eval_size: 30, val_ratio: 0.1, min_total_records: 50, random_seed: 7, limit: 170 },
};

async function aWorldWithOrders(): Promise<GatewayWorld> {
  const world = await aGateway({ temporalAddress: NOWHERE });
  const broken = { ...orderLogs(1)[0], response: { choices: [] } };
  const older = orderLogs(2).map((record) => ({ ...record, timestamp: Number(record['timestamp']) - 500 }));
  await world.logs.append([...orderLogs(60), ...older, broken]);
  return world;
}

test('a preview leaves something out, or uploads it', async () => {
  const { call, config, runs } = await aWorldWithOrders();
  const { status, body } = await call('POST', PREVIEW, BODY);
  expect(status).toBe(200);
  const { funnel, samples, ...rest } = body;
  expect(rest).toEqual({
    workload_id: ORDERS.workload,
    client_id: ORDERS.client,
    workload_type: 'tool_calling',
    sizes: { evaluation: 30, in_context: 30, training: funnel.training, validation: funnel.validation },
    tools: {
      evaluation: expect.any(Object) as object,
      training: expect.any(Object) as object,
      validation: expect.any(Object) as object,
    },
    warnings: [],
  });
  expect(funnel).toMatchObject({
    read: 187,
    rejected: [{ reason: expect.stringMatching(/^no-choices: /), count: 1 }],
    duplicates: 6,
    conflicts: 0,
    beyond_limit: 10,
    evaluation: 30,
    shared_conversations: 0,
    seed: 7,
  });
  expect(funnel.examples.duplicates).toHaveLength(3);
  expect(funnel.examples.beyond_limit).toHaveLength(3);
  expect(funnel.training + funnel.validation).toBe(140);
  for (const set of ['evaluation', 'training', 'validation'])
    expect(sumOf(rest.tools[set])).toBe(funnel[set]);
  expect(rest.tools.training.no_tool).toBeGreaterThan(0);

  expect(Object.values<unknown[]>(samples).map((rows) => rows.length)).toEqual([3, 3, 3, 3]);
  const [shown] = samples.in_context as InContextRow[];
  expect(shown?.original_messages).toEqual(samples.evaluation[0].request.messages);
  expect((samples.training as TrainingRow[])[0]?.messages.at(-1)?.role).toBe('assistant');
  // Rows that call a tool lie in another file than those that do not.
  const finishes = samples.evaluation.map(({ response }: EvaluationRow) => response.choices[0].finish_reason);
  expect(new Set(finishes)).toEqual(new Set(['tool_calls', 'stop']));
  expect(readdirSync(config.services.spoolDir)).toEqual([]);
  expect((await runs.list()).runs).toEqual([]);
});

test('a preview says something else than a job builds of the same logs and seed', async () => {
  const { call, config, logs } = await aWorldWithOrders();
  const { body: preview } = await call('POST', PREVIEW, BODY);
  const { split, icl, evaluation } = effectiveRunConfig(
    config.run,
    splitOverrides.parse(BODY.data_split_config),
  );
  const job = await aDatasetWorld({ logs });
  const built = await asActivity().run(job.buildDatasets, buildInput({ split, icl, evaluation }));
  const rows = (dataset: string, file: string) => rowsOf(job.platform, dataset, file);
  const evaluated = async (dataset: string) => [
    ...(await rows(dataset, 'eval_data.jsonl')),
    ...(await rows(dataset, 'eval_plain.jsonl')),
  ];
  const whole = {
    evaluation: await evaluated(built.evaluation.name),
    in_context: await evaluated(built.inContext.name),
    training: await rows(built.training.name, 'training/train_data.jsonl'),
    validation: await rows(built.training.name, 'validation/val_data.jsonl'),
  };
  for (const [set, all] of Object.entries(whole)) {
    expect(preview.sizes[set]).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(preview.samples[set]));
  }
  expect(preview).toMatchObject({
    workload_type: toWorkloadType(built.workloadType),
    funnel: toFunnel(built.funnel),
    warnings: built.warnings,
  });
});

const sumOf = (counts: Record<string, number>) => Object.values(counts).reduce((sum, n) => sum + n, 0);

test('the examples of the funnel are no records of the store', async () => {
  const { call, logs } = await aWorldWithOrders();
  const { funnel } = (await call('POST', PREVIEW, BODY)).body;
  const ids = new Set<string>();
  for await (const page of logs.export({ workloadId: ORDERS.workload, clientId: ORDERS.client }))
    page.ids.forEach((id) => ids.add(id));
  const examples = [funnel.rejected[0].examples, ...Object.values<string[]>(funnel.examples)].flat();
  expect(examples).toHaveLength(7);
  for (const id of examples) expect(ids).toContain(id);
});

test.each<[string, object, number, RegExp]>([
  [
    'an unknown workload does not say what there is',
    { ...BODY, workload_id: 'orders' },
    404,
    /only 0 were found\. Client test-shop has no workload orders, but has: order_agent \(187\)\.$/,
  ],
  [
    'an unknown client does not say what there is',
    { ...BODY, client_id: 'shop' },
    404,
    /There is no client shop, but there are: test-shop \/ order_agent \(187\)\.$/,
  ],
  [
    'too few records are previewed',
    { ...BODY, data_split_config: { min_total_records: 500, limit: null } },
    400,
    /^Not enough records found .* 500 records is required, but only 187 were found\.$/,
  ],
  [
    'too few valid records are previewed',
    { ...BODY, data_split_config: { min_total_records: 185, limit: null } },
    400,
    /^Insufficient valid records\. Found 180 but need 185\. .*duplicates: 6, left out: 1 × no-choices/,
  ],
  [
    'a split that is impossible is previewed',
    { ...BODY, data_split_config: { eval_size: 400 } },
    400,
    /^eval_size cannot be larger than the total number of records\./,
  ],
])('%s', async (_what, body, status, detail) => {
  const { call } = await aWorldWithOrders();
  const answer = await call('POST', PREVIEW, body);
  expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(detail)]);
});

test('a body that starts no job gets a preview', async () => {
  const { call } = await aGateway({ temporalAddress: NOWHERE });
  const bodies = [
    {},
    { ...BODY, data_split_config: { eval_size: 0 } },
    { ...BODY, data_split_config: { limit: 1 } },
  ];
  for (const body of bodies) {
    const [job, preview] = [await call('POST', '/api/jobs', body), await call('POST', PREVIEW, body)];
    expect([preview.status, preview.body]).toEqual([422, job.body]);
  }
  expect((await call('GET', PREVIEW)).headers.get('allow')).toBe('POST');
});

test('what a request overrides gives way to the file', async () => {
  const { call, logs, config } = await aWorldWithOrders();
  config.run.split.valRatio = 0.5;
  const [wrong] = orderLogs(1);
  const calls = [{ type: 'function', function: { name: 'look_up', arguments: 'no JSON' } }];
  const message = { role: 'assistant', content: null, tool_calls: calls };
  const tools = [{ type: 'function', function: { name: 'look_up' } }];
  const request = { messages: [{ role: 'user', content: 'Where?' }], tools };
  await logs.append([{ ...wrong, request, response: { choices: [{ message }] } }]);
  const asked = { eval_size: 21, random_seed: 0, limit: null, parse_function_arguments: false };
  const { funnel } = (await call('POST', PREVIEW, { ...BODY, data_split_config: asked })).body;
  expect(funnel).toMatchObject({ seed: 0, beyond_limit: 0, evaluation: 21 });
  expect(funnel.rejected).toHaveLength(1);
  // What it leaves out is the file's, not a constant's; conversations are of three records.
  expect(Math.abs(funnel.validation - funnel.training)).toBeLessThanOrEqual(3);
});

test('examples by meaning, which no preview asks for, are spread without a word', async () => {
  const { call, config } = await aWorldWithOrders();
  const embedding = {
    model: 'embed',
    deployment: { kind: 'external' as const, url: 'http://127.0.0.1:9/v1' },
  };
  config.run.icl = { ...config.run.icl, selection: 'semantic_similarity', relevanceRatio: 0.7, embedding };
  const { status, body } = await call('POST', PREVIEW, BODY);
  expect([status, body.warnings]).toEqual([
    200,
    [
      expect.stringMatching(
        /semantic_similarity, but only a job asks the embedding model: .* spread over the tools/,
      ),
    ],
  ]);
});

test('a disk that takes nothing is answered without a reason', async () => {
  const { call, config } = await aWorldWithOrders();
  writeFileSync(config.services.spoolDir, 'a file');
  config.services.spoolDir = join(config.services.spoolDir, 'spool');
  const { status, body } = await call('POST', PREVIEW, BODY);
  expect([status, body.detail]).toEqual([
    503,
    expect.stringMatching(/spool.*make room, let this user write there/),
  ]);
});

test('previews that hang keep the gateway busy for ever, or one whose client went away goes on', async () => {
  const { call, url, logs } = await aWorldWithOrders();
  const whole = logs.export.bind(logs);
  const reads: ReturnType<typeof aHangingRead>[] = [];
  logs.export = (query) => {
    const read = aHangingRead(query);
    reads.push(read);
    return read.pages;
  };
  const clients = [new AbortController(), new AbortController()];
  const asked = clients.map(({ signal }) =>
    fetch(url + PREVIEW, {
      method: 'POST',
      signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
    }).catch(() => 'gone'),
  );
  await expect.poll(() => reads.length, { timeout: 30_000 }).toBe(2);
  const refused = await call('POST', PREVIEW, BODY);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  // Everything else is answered meanwhile.
  expect((await call('GET', '/health')).status).toBe(200);

  clients.forEach((client) => client.abort());
  expect(await Promise.all(asked)).toEqual(['gone', 'gone']);
  await Promise.all(reads.map(({ aborted }) => aborted));
  logs.export = whole;
  const statusOfNext = async () => (await call('POST', PREVIEW, BODY)).status;
  await expect.poll(statusOfNext, { timeout: 30_000 }).toBe(200);
});

/** An export that brings nothing until it is aborted. */
function aHangingRead({ signal }: ExportQuery) {
  const aborted = signal ? once(signal, 'abort') : Promise.reject(new Error('cannot be aborted'));
  const pages = (async function* () {
    await aborted;
    signal?.throwIfAborted();
    yield* [];
  })();
  return { aborted, pages };
}

test('a gateway that stops waits for its previews', async () => {
  const { temporal, taskQueue, logs, runs, config, platform } = await aWorldWithOrders();
  const services = { temporal, taskQueue, logs, runs, config, platform };
  const gateway = await startCheckedGateway(services, { host: '127.0.0.1', port: 0 });
  const begun = new Promise<void>((resolve) => {
    logs.export = (query) => {
      resolve();
      return aHangingRead(query).pages;
    };
  });
  const answer = fetch(gateway.url + PREVIEW, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(BODY),
  });
  await begun;
  await gateway.close();
  expect((await answer).status).toBe(503);
});
