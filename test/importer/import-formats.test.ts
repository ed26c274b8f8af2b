import { afterEach, beforeEach, expect, test } from 'vitest';
import { formatNamed, importLogFile } from '../../src/importer/index.js';
import { openStores, type Stores } from '../../src/stores/index.js';
import { exported, type StoredRecord } from '../support/stores.js';
import { canonical, completion, NAMES, OPENAI, TOOL } from './formats/conversation.js';
import { FORMATS, pair } from './formats/one-call.js';
import { aFolderOfFiles, asSql, writeParquet } from './sources/files.js';

const files = aFolderOfFiles();
let stores: Stores;
beforeEach(async () => {
  stores = await openStores({ kind: 'duckdb', file: ':memory:' });
});
afterEach(() => stores.close());

test.each(FORMATS)(
  'a file of %s is not known for what it is, or adds its records twice',
  async (title, item) => {
    const text = JSON.stringify(item);
    const names = { names: NAMES };
    const first = await importLogFile(await files.write('lines.jsonl', `${text}\n`), stores.logs, names);
    expect(first).toMatchObject({ appended: 1, duplicates: 0, rejectedCount: 0 });
    expect(first.formats.map((format) => format.title)).toEqual([title]);
    expect(first.skipped).toBe(title.startsWith('OpenTelemetry') ? 1 : 0);
    const kept = await exported(stores.logs, { workloadId: NAMES.workload, clientId: NAMES.client });
    const read = canonical(kept[0]?.record ?? {});
    expect(read.answer.toolCalls).toMatchObject([{ name: 'get_weather', arguments: { city: 'Paris' } }]);

    // In a document too, for it is the same record there.
    const pretty = await files.write('document.json', JSON.stringify([item], null, 2));
    expect(await importLogFile(pretty, stores.logs, names)).toMatchObject({ appended: 0, duplicates: 1 });
  },
);

test('rows of an export that came as Parquet are not known for what they are', async () => {
  const row = { run_type: 'llm', trace_id: 't', start_time: '2026-01-05T08:00:00' };
  const inputs = { messages: OPENAI.asked, tools: [TOOL] };
  const cells = { ...row, inputs: JSON.stringify(inputs), outputs: JSON.stringify(pair.response) };
  const path = files.path('runs.parquet');
  const list = Object.entries(cells).map(([name, value]) => `${asSql(value)} AS ${name}`);
  await writeParquet(path, `SELECT ${list.join(', ')}`);
  const summary = await importLogFile(path, stores.logs, { names: NAMES });
  expect(summary).toMatchObject({ unit: 'row', appended: 1, formats: [{ title: 'LangSmith runs' }] });
});

test('a table is imported otherwise than its columns say, or twice', async () => {
  const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
  const path = await files.write(
    'calls.csv',
    `ts,prompt,tools,completion\n2026-01-05T08:00:00Z,${quoted(OPENAI.asked)},${quoted([TOOL])},${quoted(OPENAI.call)}\n` +
      '2026-01-05T08:00:01Z,Why?,,So.\n,,,\n',
  );
  const columns = { timestamp: 'ts', messages: 'prompt', answer: 'completion' };
  const summary = await importLogFile(path, stores.logs, { names: NAMES, columns });
  expect(summary).toMatchObject({
    ...{ unit: 'row', items: 3, appended: 2, rejectedCount: 1 },
    rejected: [{ place: 'row 3', reason: 'the request has no messages' }],
  });
  const kept = await exported(stores.logs, { workloadId: NAMES.workload, clientId: NAMES.client });
  const calls = ({ record }: StoredRecord) => canonical(record).answer.toolCalls.map(({ name }) => name);
  expect(Object.fromEntries(kept.map((row) => [row.record.timestamp, calls(row)]))).toEqual({
    [Date.parse('2026-01-05T08:00:00Z')]: ['get_weather'],
    [Date.parse('2026-01-05T08:00:01Z')]: [],
  });
  expect(await importLogFile(path, stores.logs, { names: NAMES, columns })).toMatchObject({
    appended: 0,
    duplicates: 2,
  });
});

test('a table without what is needed is read, or refused without naming its columns', async () => {
  const path = await files.write('other.csv', 'when,question,reply\n1,Why?,So.\n');
  const refused = (columns?: object) => importLogFile(path, stores.logs, { names: NAMES, columns });
  await expect(refused()).rejects.toThrow(/hold the messages.*when, question, reply.*--columns/);
  await expect(refused({ messages: 'prompt' })).rejects.toThrow(/no column 'prompt'.*when, question, reply/);
  const lines = await files.write('lines.jsonl', JSON.stringify(pair));
  await expect(importLogFile(lines, stores.logs, { columns: { messages: 'a' } })).rejects.toThrow(
    /no CSV or Parquet/,
  );
});

test('a log that names no workload is imported under none, or partly', async () => {
  const path = await files.write(
    'examples.jsonl',
    JSON.stringify({ messages: [...OPENAI.asked, OPENAI.answer] }),
  );
  await expect(importLogFile(path, stores.logs)).rejects.toThrow(
    /examples\.jsonl \(OpenAI fine-tuning examples\) names no workload and no client: give --workload NAME --client NAME$/,
  );
  await expect(importLogFile(path, stores.logs, { names: { client: 'shop' } })).rejects.toThrow(
    /: give --workload NAME$/,
  );
  expect(await stores.logs.workloads()).toEqual([]);
});

test('a record that names none among others that do is lost without a word', async () => {
  const metadata = { workload_id: 'faq', client_id: 'bank' };
  const path = await files.write(
    'pairs.jsonl',
    [{ ...pair, metadata }, pair].map((one) => JSON.stringify(one)).join('\n'),
  );
  expect(await importLogFile(path, stores.logs)).toMatchObject({
    appended: 1,
    rejected: [
      { place: 'line 2', reason: 'names no workload and no client: give --workload NAME --client NAME' },
    ],
  });
});

test('records whose tool calls are lost are imported, or not counted with their places', async () => {
  const lost = completion({ role: 'assistant', content: '', tool_calls: null }, 'tool_calls');
  const ids = { workload_id: 'w', client_id: 'c', timestamp: 1 };
  const record = { ...ids, request: pair.request, response: lost };
  const lines = [
    record,
    { ...record, contract_version: '1.0' },
    { request: pair.request, response: lost },
    pair,
  ];
  const path = await files.write('lost.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  const { appended, rejected, rejectedCount } = await importLogFile(path, stores.logs, { names: NAMES });
  expect({ appended, rejectedCount }).toEqual({ appended: 1, rejectedCount: 3 });
  expect(rejected).toEqual(
    [1, 2, 3].map((n) => ({
      place: `line ${n}`,
      reason: 'finish_reason says tool_calls, but the logger kept none',
    })),
  );
});

test('pages of an API, one a line, are not taken apart, or their items not told', async () => {
  const page = { data: [pair, 'no object', pair], meta: { page: 1 } };
  const path = await files.write('pages.jsonl', `${JSON.stringify(page)}\n`);
  expect(await importLogFile(path, stores.logs, { names: NAMES })).toMatchObject({
    ...{ items: 1, appended: 1, duplicates: 1 },
    rejected: [{ place: 'line 1, no. 2', reason: 'not a JSON object' }],
  });
});

test('a value that is nested without end ends the import', async () => {
  const deep = '{"request":'.repeat(20_000) + '1' + '}'.repeat(20_000);
  const path = await files.write('deep.jsonl', `${deep}\n${JSON.stringify(pair)}\n`);
  expect(await importLogFile(path, stores.logs, { names: NAMES })).toMatchObject({
    appended: 1,
    rejected: [{ place: 'line 1', reason: 'nested deeper than 300 levels' }],
  });
});

test('a format that the user names is not believed', async () => {
  const observation = { type: 'GENERATION', startTime: 1_767_600_000, input: 'Why?', output: 'So.' };
  const path = await files.write('odd.jsonl', JSON.stringify(observation));
  const request = { names: NAMES, format: formatNamed('langfuse') };
  expect(await importLogFile(path, stores.logs, request)).toMatchObject({ appended: 1 });
  expect(await importLogFile(path, stores.logs, { names: NAMES })).toMatchObject({ rejectedCount: 1 });
});

test('a line that no format knows is taken for another kind than the line before', async () => {
  const lines = [{ messages: [...OPENAI.asked, OPENAI.answer] }, { prompt: 'Why?' }];
  const path = await files.write('mixed.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(await importLogFile(path, stores.logs, { names: NAMES })).toMatchObject({
    formats: [{ title: 'OpenAI fine-tuning examples', count: 2 }],
    rejected: [{ place: 'line 2', reason: 'no message of the assistant is there to be learned' }],
  });
});
