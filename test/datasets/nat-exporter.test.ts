import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { openStores } from '../../src/stores/index.js';
import { aLog } from '../support/a-log.js';
import { aFolder } from '../support/local-platform.js';
import { flywheel } from '../support/program.js';
import { BLUEPRINT_MAPPING, elasticsearchConfig, exported } from '../support/stores.js';

const server = inject('elasticsearch');
const url = 'url' in server ? server.url : 'http://127.0.0.1:9';
const suite = 'url' in server ? 'Elasticsearch' : `Elasticsearch (skipped: ${server.skipped})`;

const JSON_8 = 'application/vnd.elasticsearch+json; compatible-with=8';
const NDJSON_8 = 'application/vnd.elasticsearch+x-ndjson; compatible-with=8';

const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'get_order',
      description: 'Looks an order up.',
      parameters: { properties: { order: { type: 'integer' } }, required: ['order'], type: 'object' },
    },
  },
];

/** A document of the data flywheel exporter of NVIDIA NeMo Agent Toolkit 1.9.0, to the letter. */
const natDocument = (n: number, answer: object, finish_reason: string, tools: object[] | null = TOOLS) => ({
  contract_version: '1.0',
  request: {
    model: 'meta/llama-3.1-70b-instruct',
    messages: [
      { content: 'You help customers.', role: 'system' },
      { content: `Where is order ${n}?`, role: 'user' },
    ],
    tools,
    temperature: null,
    max_tokens: null,
  },
  response: {
    ...{
      id: `chatcmpl-${n}`,
      object: 'chat.completion',
      created: 1_700_000_000 + n,
      model: 'meta/llama-3.1-70b-instruct',
    },
    choices: [
      { index: 0, finish_reason, message: { role: 'assistant', content: '', tool_calls: null, ...answer } },
    ],
    usage: {
      token_usage: { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 },
      num_llm_calls: 1,
      seconds_between_calls: 0,
    },
  },
  client_id: 'nat-app',
  workload_id: '<workflow>',
  timestamp: 1_700_000_000 + n,
  error_details: null,
});

/** As the exporter sends them; it never looks at the answer. */
async function exportTo(index: string, documents: object[]): Promise<void> {
  const lines = documents.flatMap((document) => [{ index: { _index: index } }, document]);
  const response = await fetch(`${url}/_bulk`, {
    method: 'PUT',
    headers: { 'content-type': NDJSON_8, accept: JSON_8 },
    body: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
  });
  expect(await response.json()).toMatchObject({ errors: false });
}

async function ourStores() {
  const config = elasticsearchConfig(url);
  const client = new Client({ node: url });
  const stores = await openStores(config, aLog().logger);
  onTestFinished(async () => {
    await stores.close();
    await client.indices.delete({ index: [config.logIndex, config.runIndex], ignore_unavailable: true });
    await client.close();
  });
  return { config, client, stores };
}

describe.skipIf('skipped' in server)(suite, () => {
  test("what NAT's exporter writes into our index is refused there, or `flywheel datasets` cannot use it", async () => {
    const { config, client, stores } = await ourStores();
    // The program makes its index, as at the start of a gateway.
    await stores.logs.ping();
    const called = {
      tool_calls: [{ type: 'function', function: { name: 'get_order', arguments: { order: 7 } } }],
    };
    await exportTo(config.logIndex, [
      ...Array.from({ length: 60 }, (_, n) => natDocument(n, called, 'tool_calls')),
      ...Array.from({ length: 40 }, (_, n) =>
        natDocument(100 + n, { content: `It is number ${n}.` }, 'stop', null),
      ),
      // A streamed call, which NAT loses.
      natDocument(200, {}, 'tool_calls'),
    ]);
    await client.indices.refresh({ index: config.logIndex });

    const folder = await aFolder();
    const settings = join(folder, 'config.yaml');
    writeFileSync(
      settings,
      readFileSync('config/config.yaml', 'utf8').replace('eval_size: 100', 'eval_size: 30'),
    );
    const out = join(folder, 'out');
    const args = ['--workload', '<workflow>', '--client', 'nat-app', '--out', out, '--config', settings];
    const program = flywheel(['datasets', ...args], {
      ELASTICSEARCH_URL: url,
      ES_COLLECTION_NAME: config.logIndex,
    });
    expect(await program.ended(), program.output()).toBe(0);
    const { funnel, workload_type } = JSON.parse(readFileSync(join(out, 'funnel.json'), 'utf8'));
    expect(workload_type).toBe('tool_calling');
    expect(funnel).toMatchObject({ read: 101, evaluation: 30, rejected: [{ count: 1 }] });
    expect(funnel.rejected[0].reason).toMatch(/^lost-tool-calls/);
    const rows = readFileSync(join(out, 'evaluation/eval_data.jsonl'), 'utf8').trim().split('\n');
    const calls = rows.map((row) => JSON.parse(row).response.choices[0].message.tool_calls);
    expect(calls.length).toBeGreaterThan(5);
    for (const [call] of calls) expect(call.function).toEqual({ name: 'get_order', arguments: { order: 7 } });
  }, 90_000);

  test("what NAT's exporter writes into the index of a migrated blueprint is lost", async () => {
    const { config, client, stores } = await ourStores();
    await client.indices.create({ index: config.logIndex, mappings: BLUEPRINT_MAPPING });
    await stores.logs.ping();
    await exportTo(config.logIndex, [natDocument(1, { content: 'It is number 1.' }, 'stop')]);
    await client.indices.refresh({ index: config.logIndex });
    const found = await exported(stores.logs, { workloadId: '<workflow>', clientId: 'nat-app' });
    expect(found).toMatchObject([{ record: { contract_version: '1.0', timestamp: 1_700_000_001 } }]);
  });
});
