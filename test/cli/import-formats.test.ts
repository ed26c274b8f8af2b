import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { canonical, completion, OPENAI, TOOL } from '../importer/formats/conversation.js';
import { span, spansDocument } from '../importer/formats/otlp-document.js';
import { aFolder } from '../support/local-platform.js';
import { flywheel } from '../support/program.js';
import { exported } from '../support/stores.js';

async function aFile(name: string, content: string): Promise<string> {
  const file = join(await aFolder(), name);
  await writeFile(file, content);
  return file;
}

async function recordsIn(dataDir: string, workloadId: string, clientId: string) {
  const stores = await openStores({ kind: 'duckdb', file: join(dataDir, 'flywheel.duckdb') });
  onTestFinished(() => stores.close());
  return (await exported(stores.logs, { workloadId, clientId })).map(({ record }) => canonical(record));
}

test("a collector's file is not imported, nor what it was taken for said, nor what was skipped", async () => {
  const message = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
  const chat = span({
    'gen_ai.operation.name': 'chat',
    'gen_ai.agent.name': 'weather_agent',
    'gen_ai.input.messages': JSON.stringify(OPENAI.asked.map(({ role, content }) => message(role, content))),
    'gen_ai.output.messages': JSON.stringify([message('assistant', 'It rains.')]),
  });
  const lines = [spansDocument(chat, span({ 'http.route': '/' }, { spanId: '2' })), spansDocument(span({}))];
  const file = await aFile('traces.jsonl', lines.map((line) => JSON.stringify(line)).join('\n'));
  const dataDir = await aFolder();
  const program = flywheel(['import', file, '--data-dir', dataDir]);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toBe(
    `${file}: 2 lines, 1 records imported, 0 already there, 0 rejected, 2 skipped that are no calls of a model\n` +
      '  read as OpenTelemetry GenAI spans\n' +
      'shop / weather_agent: 1 records\n',
  );
  expect(await recordsIn(dataDir, 'weather_agent', 'shop')).toMatchObject([
    { answer: { content: 'It rains.' } },
  ]);
}, 60_000);

test('a table is imported under other names or columns than were asked for', async () => {
  const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`;
  const row = ['2026-01-05T08:00:00Z', quoted(OPENAI.asked), quoted(OPENAI.call), quoted([TOOL])].join(',');
  const file = await aFile('calls.csv', `ts,prompt,reply,offered\n${row}\n`);
  const dataDir = await aFolder();
  const names = ['--client', 'shop', '--workload', 'weather', '--data-dir', dataDir];
  const columns = 'timestamp=ts,messages=prompt,answer=reply,tools=offered';
  const program = flywheel(['import', file, '--columns', columns, ...names]);
  expect(await program.ended(), program.output()).toBe(0);
  expect(program.output()).toContain('shop / weather: 1 records');
  expect(await recordsIn(dataDir, 'weather', 'shop')).toMatchObject([
    { answer: { toolCalls: [{ name: 'get_weather', arguments: { city: 'Paris' } }] } },
  ]);
}, 60_000);

test('a log that names no workload is imported, or refused without saying what to do', async () => {
  const pair = { request: { messages: OPENAI.asked }, response: completion(OPENAI.answer) };
  const file = await aFile('pairs.jsonl', JSON.stringify(pair));
  const program = flywheel(['import', file, '--client', 'shop', '--data-dir', await aFolder()]);
  expect(await program.ended()).toBe(1);
  expect(program.output()).toBe(
    `${file} (OpenAI chat-completions requests with responses) names no workload: give --workload NAME\n`,
  );
}, 60_000);

test.each([
  [['--format', 'xml'], /--format.*It must be one of auto, otel, langsmith, langfuse, nat, log, openai-pair/],
  [['--columns', 'prompt=p'], /'prompt=p' must be FIELD=COLUMN, where FIELD is one of timestamp, workload/],
])('wrong use, %s, is not told as such', async (args, message) => {
  const program = flywheel(['import', 'logs.csv', ...args]);
  expect(await program.ended()).toBe(2);
  expect(program.output()).toMatch(message);
});
