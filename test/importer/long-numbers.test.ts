import { afterEach, beforeEach, expect, test } from 'vitest';
import { importLogFile } from '../../src/importer/index.js';
import { openStores, type Stores } from '../../src/stores/index.js';
import { NAMES, OPENAI } from './formats/conversation.js';
import { FORMATS, pair } from './formats/one-call.js';
import { span, spansDocument } from './formats/otlp-document.js';
import { aFolderOfFiles, asSql, writeParquet } from './sources/files.js';

/** A double has none of the last digits. */
const LONG = '1234567890123456711';

const files = aFolderOfFiles();
let stores: Stores;
beforeEach(async () => {
  stores = await openStores({ kind: 'duckdb', file: ':memory:' });
});
afterEach(() => stores.close());

const imported = async (path: string) => await importLogFile(path, stores.logs, { names: NAMES });

/** What is kept, as text: a reader of JSON would alter it again. */
async function kept(): Promise<string> {
  let text = '';
  const query = { workloadId: NAMES.workload, clientId: NAMES.client };
  for await (const { bytes } of stores.logs.export(query)) text += Buffer.from(bytes).toString();
  return text;
}

/** JSON with a long number in the tool and in the call, however deep in texts they are. */
const withLongNumbers = (json: string): string =>
  json
    .replaceAll(/(\\*")required\1:/g, (key, quote) => `${quote}maximum${quote}:${LONG},${key}`)
    .replaceAll(/(\\*"city\\*": ?)\\*"Paris\\*"/g, (_, key) => `${key}${LONG}`);

test.each(FORMATS)('a long number in a file of %s is altered', async (_, item) => {
  const lines = withLongNumbers(JSON.stringify(item));
  expect(await imported(await files.write('lines.jsonl', lines))).toMatchObject({ appended: 1 });
  const text = await kept();
  expect(text).toContain(`"maximum":${LONG},`);
  expect(text).toContain(`"arguments":"{\\"city\\":${LONG}}"`);

  // The same record in a list, and in an object over several lines.
  for (const document of [[item], item]) {
    const path = await files.write('document.json', withLongNumbers(JSON.stringify(document, null, 2)));
    expect(await imported(path)).toMatchObject({ appended: 0, duplicates: 1 });
  }
});

test('a long number in a table is altered', async () => {
  const cells = `${LONG}::BIGINT AS session, ${asSql(JSON.stringify(OPENAI.asked))} AS messages`;
  const path = files.path('calls.parquet');
  await writeParquet(path, `SELECT ${cells}, 'So.' AS answer, {'seed': ${LONG}::BIGINT} AS request`);
  expect(await imported(path)).toMatchObject({ unit: 'row', appended: 1 });
  expect(await kept()).toMatch(new RegExp(`"session_id":${LONG},"request":{"seed":${LONG},`));
});

test('a session that is a long number is altered or lost', async () => {
  const lines = [
    `{"session_id":${LONG},${JSON.stringify(pair).slice(1)}`,
    JSON.stringify(
      spansDocument(
        span({
          'gen_ai.conversation.id': 7,
          'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Why?' }] }],
          'gen_ai.output.messages': [{ role: 'assistant', parts: [{ type: 'text', content: 'So.' }] }],
        }),
      ),
    ).replace('"intValue":"7"', `"intValue":"${LONG}"`),
  ];
  const path = await files.write('sessions.jsonl', lines.join('\n'));
  expect(await imported(path)).toMatchObject({ appended: 2 });
  expect((await kept()).match(new RegExp(`"session_id":${LONG},`, 'g'))).toHaveLength(2);
});

test('a time in nanoseconds that is a number, not a text, is not read', async () => {
  const [, spans] = FORMATS.at(-1) ?? [];
  const text = JSON.stringify(spans).replaceAll('"1767600000123000000"', '1767600000123000001');
  expect(await imported(await files.write('spans.jsonl', text))).toMatchObject({ appended: 1 });
  expect(await stores.logs.workloads()).toMatchObject([{ firstAt: 1_767_600_000_123 }]);
});

test('a workload that is a long number is taken for a name', async () => {
  const metadata = { workload_id: 0, client_id: 'bank' };
  const text = JSON.stringify({ ...pair, metadata }).replace('"workload_id":0', `"workload_id":${LONG}`);
  await importLogFile(await files.write('pairs.jsonl', text), stores.logs, { names: NAMES });
  expect(await stores.logs.workloads()).toMatchObject([{ workloadId: NAMES.workload }]);
});
