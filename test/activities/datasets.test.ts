import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/activity';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { datasetNames } from '../../src/ids.js';
import { importLogFile } from '../../src/importer/index.js';
import { stableJson } from '../../src/records/json.js';
import type { InContextRow, TrainingRow } from '../../src/records/rows.js';
import { accountedFor } from '../datasets/built.js';
import { asActivity } from '../support/activity-world.js';
import {
  aDatasetWorld,
  anEndlessDataStore,
  buildInput,
  logsOf,
  rowsOf,
  SPLIT,
} from '../support/dataset-world.js';
import { anyRecord } from '../support/log-records.js';
import { aFolder, get } from '../support/local-platform.js';
import { ORDERS, orderLogs } from '../support/order-logs.js';

function limitFileSize(bytes: string): void {
  const args = ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`];
  const { status, stderr } = spawnSync('prlimit', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`prlimit: ${stderr}`);
}

test('datasets are uploaded with other rows than the job says, or are not registered', async () => {
  const { platform, logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const input = buildInput();
  const built = await asActivity().run(buildDatasets, input);
  const names = datasetNames(ORDERS.workload, input.runId);
  expect(built).toMatchObject({
    workloadType: 'tool-calling',
    warnings: [],
    funnel: {
      read: 180,
      rejected: [],
      duplicates: 0,
      evaluation: 30,
      conversations: 60,
      sharedConversations: 0,
    },
    evaluation: { role: 'evaluation', name: names.evaluation, numRecords: 30 },
    inContext: { role: 'in-context', name: names.inContext, numRecords: 30 },
    training: { role: 'training', name: names.training, numRecords: 150 },
  });
  expect(built.slices.map(({ file, rows }) => [file, rows])).toEqual([
    ['eval_data.jsonl', 20],
    ['eval_plain.jsonl', 10],
  ]);
  for (const { file, rows } of built.slices)
    for (const dataset of [names.evaluation, names.inContext])
      expect(await rowsOf(platform, dataset, file)).toHaveLength(rows);
  const { training, validation } = built.funnel;
  expect(await rowsOf(platform, names.training, 'training/train_data.jsonl')).toHaveLength(training);
  expect(await rowsOf(platform, names.training, 'validation/val_data.jsonl')).toHaveLength(validation);
  const registered = await get(`${platform.nemoUrl}/v1/datasets/test/${names.training}`);
  expect(registered.body).toMatchObject({
    files_url: built.training.filesUrl,
    project: `flywheel-${input.runId}`,
  });
});

test('an in-context row has another question or another id than its evaluation row', async () => {
  const { platform, logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const { evaluation, inContext } = await asActivity().run(buildDatasets, buildInput());
  const plain = await rowsOf<InContextRow>(platform, evaluation.name, 'eval_data.jsonl');
  const shown = await rowsOf<InContextRow>(platform, inContext.name, 'eval_data.jsonl');
  for (const [i, row] of shown.entries()) {
    const { flywheel_id, request, response } = plain[i]!;
    expect(row).toMatchObject({ flywheel_id, response, original_messages: request.messages });
    expect(String(row.request.messages[0]?.content).match(/For example/g)).toHaveLength(3);
  }
});

test('rows that have room for no example go unsaid', async () => {
  const { logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const input = buildInput();
  const built = await asActivity().run(buildDatasets, {
    ...input,
    icl: { ...input.icl, maxContextLength: 4_100 },
  });
  expect(built.warnings).toEqual([
    '30 in-context rows have fewer than 1 examples: no more fit into icl_config.max_context_length',
  ]);
});

test('a store of seconds and milliseconds is read in silence', async () => {
  const logs = orderLogs(60).map((record, i) => {
    const seconds = Number(record['timestamp']);
    return { ...record, timestamp: i < 90 ? seconds : seconds * 1000 };
  });
  const { buildDatasets } = await aDatasetWorld({ logs: logsOf(logs) });
  const { warnings } = await asActivity().run(buildDatasets, buildInput());
  expect(warnings).toEqual([expect.stringMatching(/^90 records .* in seconds, 90 in milliseconds/)]);
});

test('the same seed gives other files, or a second attempt leaves two of a dataset', async () => {
  const { platform, logs, buildDatasets } = await aDatasetWorld();
  await logs.append(orderLogs(60));
  const input = buildInput();
  const { inContext, training } = datasetNames(ORDERS.workload, input.runId);
  const files = async () =>
    JSON.stringify([
      await rowsOf(platform, inContext, 'eval_data.jsonl'),
      await rowsOf(platform, training, 'training/train_data.jsonl'),
    ]);
  const first = await asActivity().run(buildDatasets, input);
  const written = await files();
  const again = await asActivity().run(buildDatasets, input);
  expect(again).toEqual({ ...first, readingBeganAt: again.readingBeganAt });
  expect(await files()).toBe(written);
  const other = await asActivity().run(buildDatasets, { ...input, split: { ...SPLIT, randomSeed: 7 } });
  expect(other.funnel.seed).toBe(7);
  expect(await files()).not.toBe(written);
});

test('the order in which a store hands over its records changes a file', async () => {
  const input = buildInput();
  const logs = orderLogs(700);
  const [first] = logs;
  const filesOf = async (records: readonly unknown[]) => {
    const { platform, buildDatasets } = await aDatasetWorld({ logs: logsOf(records) });
    const { evaluation, inContext, training } = await asActivity().run(buildDatasets, input);
    return await Promise.all([
      rowsOf(platform, evaluation.name, 'eval_data.jsonl'),
      rowsOf(platform, inContext.name, 'eval_data.jsonl'),
      rowsOf(platform, training.name, 'training/train_data.jsonl'),
    ]);
  };
  const files = await filesOf([...logs, first]);
  expect(await filesOf([...logs, first].reverse())).toEqual(files);
});

test('one of 10,000 malformed records ends a build, or is counted nowhere', async () => {
  const malformed = fc.sample(anyRecord, { numRuns: 10_000, seed: 3 });
  const good = orderLogs(100);
  const logs = logsOf([null, 'text', ...malformed, ...good, ...good.slice(0, 40)]);
  const { buildDatasets } = await aDatasetWorld({ logs });
  const input = buildInput({ split: { ...SPLIT, limit: 200 } });
  const { funnel } = await asActivity().run(buildDatasets, input);
  expect(funnel.read).toBe(10_342);
  expect(accountedFor(funnel)).toBe(funnel.read);
  expect(funnel.evaluation + funnel.training + funnel.validation).toBe(200);
  expect(funnel.beyondLimit).toBeGreaterThanOrEqual(100);
  expect(funnel.duplicates).toBeGreaterThanOrEqual(40);
  expect(funnel.rejected.length).toBeGreaterThan(8);
});

describe('a build that cannot be', () => {
  test('does not say how many records there are and which workloads', async () => {
    const { logs, buildDatasets } = await aDatasetWorld();
    await logs.append(orderLogs(10));
    await expect(asActivity().run(buildDatasets, buildInput())).rejects.toMatchObject({
      type: 'TooFewRecords',
      nonRetryable: true,
      message:
        'Not enough records found for the given workload. A minimum of 50 records is required, but only 30 were found.',
    });
    const misspelled = buildInput({ workloadId: 'orders' });
    await expect(asActivity().run(buildDatasets, misspelled)).rejects.toThrow(
      /only 0 were found\. Client test-shop has no workload orders, but has: order_agent \(30\)\.$/,
    );
  });

  test('does not say why records were left out', async () => {
    const lost = orderLogs(30).map((record) => ({ ...record, response: { choices: [] } }));
    const { buildDatasets } = await aDatasetWorld({ logs: logsOf([...lost, ...orderLogs(10)]) });
    await expect(asActivity().run(buildDatasets, buildInput())).rejects.toMatchObject({
      type: 'TooFewRecords',
      nonRetryable: true,
      message: expect.stringMatching(
        /^Insufficient valid records\. Found 30 but need 50\. Total records: 120, .*90 × no-choices \(/,
      ),
    });
  });

  test('is tried again though the split is impossible', async () => {
    const { logs, buildDatasets } = await aDatasetWorld();
    await logs.append(orderLogs(20));
    const input = buildInput({ split: { ...SPLIT, evalSize: 60 } });
    await expect(asActivity().run(buildDatasets, input)).rejects.toMatchObject({
      type: 'InvalidSplit',
      nonRetryable: true,
      message: expect.stringMatching(/^eval_size cannot be larger than the total number of records\./),
    });
  });

  test('leaves production traffic on the disk', async () => {
    const { logs, spoolDir, buildDatasets } = await aDatasetWorld();
    await logs.append(orderLogs(60));
    await asActivity().run(buildDatasets, buildInput());
    const failing = buildInput({ split: { ...SPLIT, evalSize: 500 } });
    await expect(asActivity().run(buildDatasets, failing)).rejects.toThrow();
    expect(existsSync(spoolDir)).toBe(true);
    expect(readdirSync(spoolDir)).toEqual([]);
  });
});

test('a disk that cannot be written to keeps a run building for ever', async () => {
  const parent = join(await aFolder(), 'a file');
  writeFileSync(parent, '');
  const { logs, buildDatasets } = await aDatasetWorld({ spoolDir: join(parent, 'spool') });
  await logs.append(orderLogs(60));
  await expect(asActivity().run(buildDatasets, buildInput())).rejects.toMatchObject({
    type: 'disk',
    nonRetryable: true,
    message: expect.stringContaining(parent) as string,
  });
});

test('a disk that is full keeps a run building for ever, or does not say where', async () => {
  const { spoolDir, buildDatasets } = await aDatasetWorld({ logs: logsOf(orderLogs(400)) });
  // As root cannot fill a disk of its own everywhere: no file of this process may be larger.
  limitFileSize('100000');
  onTestFinished(() => limitFileSize('unlimited'));
  await expect(asActivity().run(buildDatasets, buildInput())).rejects.toMatchObject({
    type: 'disk',
    nonRetryable: true,
    message: expect.stringMatching(
      /^Writing records of the workload into .*records-\d failed \(EFBIG: .*FLYWHEEL_SPOOL_DIR$/,
    ) as string,
  });
  expect(readdirSync(spoolDir)).toEqual([]);
});

test.each([
  ['the store is read', 'records'],
  // Also shows that an upload, however long, does not look dead.
  ['a dataset is uploaded', 'uploading'],
])('a cancellation while %s ends as a failure of a service', async (_when, beat) => {
  const { logs, spoolDir, buildDatasets } = await aDatasetWorld({ dataStoreUrl: await anEndlessDataStore() });
  await logs.append(orderLogs(60));
  const activity = asActivity();
  activity.environment.on('heartbeat', (details: object) => {
    if (beat in details) activity.environment.cancel();
  });
  await expect(activity.run(buildDatasets, buildInput())).rejects.toThrow(CancelledFailure);
  expect(readdirSync(spoolDir)).toEqual([]);
});

const realLogs = process.env['FLYWHEEL_REAL_LOGS'] ?? '';
const suite = realLogs ? 'real logs' : 'real logs (skipped: FLYWHEEL_REAL_LOGS is not set)';
describe.skipIf(!realLogs)(suite, () => {
  test('of an airline agent leak from evaluation into training, or vanish', async () => {
    const { platform, logs, buildDatasets } = await aDatasetWorld();
    await importLogFile(realLogs, logs);
    const names = { workloadId: 'airline_agent', clientId: 'airline-prod' };
    const input = buildInput({ ...names, split: { ...SPLIT, evalSize: 100 } });
    const built = await asActivity().run(buildDatasets, input);
    expect(built.funnel).toMatchObject({
      read: 642,
      rejected: [],
      evaluation: 100,
      conversations: 50,
      sharedConversations: 0,
    });
    expect(accountedFor(built.funnel)).toBe(642);

    const learned = new Set<string>();
    for (const file of ['training/train_data.jsonl', 'validation/val_data.jsonl'])
      for (const { messages } of await rowsOf<TrainingRow>(platform, built.training.name, file))
        learned.add(opening(messages));
    for (const { file } of built.slices)
      for (const row of await rowsOf<InContextRow>(platform, built.inContext.name, file))
        expect(learned).not.toContain(opening(row.original_messages));
  });
});

/** The messages through the user's first. */
const opening = (messages: InContextRow['original_messages']): string =>
  stableJson(messages.slice(0, messages.findIndex(({ role }) => role === 'user') + 1));

test('a run of a client without records names the clients of other keys', async () => {
  const said = async (separatesClients: boolean) => {
    const { logs, buildDatasets } = await aDatasetWorld({ separatesClients });
    await logs.append(orderLogs(60));
    return await asActivity()
      .run(buildDatasets, buildInput({ clientId: 'bank' }))
      .catch((error: Error) => error.message);
  };
  expect(await said(false)).toMatch(/There is no client bank, but there are: test-shop/);
  expect(await said(true)).toMatch(/only 0 were found\. Client bank has none\.$/);
});
