import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, type estypes } from '@elastic/elasticsearch';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { withDatasets } from '../../src/datasets/index.js';
import type { EvaluationRow } from '../../src/records/rows.js';
import { openStores } from '../../src/stores/index.js';
import { buildInput, SPLIT } from '../support/dataset-world.js';
import { aFolder } from '../support/local-platform.js';
import { called, said } from '../support/log-records.js';
import { elasticsearchConfig } from '../support/stores.js';
import { type Fields, many, TOOLS } from './asked.js';

const server = inject('elasticsearch');
const url = 'url' in server ? server.url : 'http://127.0.0.1:9';
const suite = 'url' in server ? 'Elasticsearch' : `Elasticsearch (skipped: ${server.skipped})`;

/** What exporters have written into the index themselves, as values or as texts of lines, and the datasets of it. */
async function buildFrom(
  documents: (Fields | string)[],
  names: { workloadId: string; clientId: string },
  mappings?: estypes.MappingTypeMapping,
) {
  const config = elasticsearchConfig(url);
  const client = new Client({ node: url });
  const stores = await openStores(config);
  onTestFinished(async () => {
    await stores.close();
    await client.indices.delete({ index: [config.logIndex, config.runIndex], ignore_unavailable: true });
    await client.close();
  });
  if (mappings) await client.indices.create({ index: config.logIndex, mappings });
  await stores.logs.ping();
  const operations = documents.flatMap((document) => [{ create: { _id: idOf(document) } }, document]);
  const { errors } = await client.bulk({ index: config.logIndex, operations, refresh: true });
  expect(errors).toBe(false);
  const { icl, evaluation } = buildInput();
  const split = { ...SPLIT, minTotalRecords: 1, evalSize: 5, randomSeed: 1, valRatio: 0 };
  return await withDatasets(
    { logs: stores.logs, spoolDir: join(await aFolder(), 'spool'), embedding: null },
    { ...names, split, icl, evaluation, seedName: 'test' },
    { signal: new AbortController().signal, onProgress: () => undefined },
    async (built) => ({ funnel: built.funnel, samples: await built.samples() }),
  );
}

const idOf = (document: Fields | string): string =>
  typeof document === 'object' && typeof document['id'] === 'string' ? document['id'] : randomUUID();

describe.skipIf('skipped' in server)(suite, () => {
  test('records whose names are no text are found by the store and counted nowhere', async () => {
    const named = many(10).map((record) => ({ ...record, client_id: '5' }));
    const wrong = [{ client_id: 5 }, { client_id: ['5'] }, { client_id: '5', workload_id: ['w', 'x'] }];
    const [first] = named;
    const documents = [...named, ...wrong.map((change, i) => ({ ...first, ...change, id: `wrong-${i}` }))];
    const { funnel } = await buildFrom(documents, { workloadId: 'w', clientId: '5' });
    expect(funnel.read).toBe(13);
    expect(funnel.rejected).toEqual([
      {
        reason: 'broken-name: workload_id or client_id is not a text',
        count: 3,
        examples: ['wrong-0', 'wrong-1', 'wrong-2'],
      },
    ]);
  });

  test('a record that the index takes for JSON, and nobody else, ends the build', async () => {
    const commented = JSON.stringify(many(11).at(-1)).replace(':', ': /* x */ ');
    const names = { workloadId: 'w', clientId: 'c' };
    const { funnel } = await buildFrom([...many(10), commented], names);
    expect(funnel).toMatchObject({ read: 11, evaluation: 5, training: 5 });
    expect(funnel.rejected).toMatchObject([
      { reason: 'not-json: the text of the record is not valid JSON', count: 1 },
    ]);
  });

  test('records whose content the index has not kept are counted nowhere', async () => {
    const building = buildFrom(many(10), { workloadId: 'w', clientId: 'c' }, { _source: { enabled: false } });
    await expect(building).rejects.toThrow(/Found 0 but need 1\. Total records: 10, .* 10 × not-an-object/);
  });

  test("records of NVIDIA's Agent Toolkit keep calls without ids, or are learned from though their calls were lost", async () => {
    const bare = (n: number) => {
      const { tool_calls: calls, ...message } = called('look_up', { n });
      return {
        ...message,
        tool_calls: calls.map(({ function: fn }) => ({ type: 'function', function: fn })),
      };
    };
    const natRecord = (n: number, finish_reason: string, message: Fields, change: Fields = {}) => ({
      contract_version: '1.0',
      error_details: null,
      client_id: 'nat-app',
      workload_id: '<workflow>',
      timestamp: 1_700_000_000 + n,
      request: {
        model: 'm',
        temperature: null,
        max_tokens: null,
        tools: TOOLS,
        messages: [
          said('user', `question ${n}`),
          bare(n),
          { ...said('tool', 'found'), tool_call_id: `chatcmpl-${n}` },
        ],
      },
      response: {
        choices: [{ index: 0, finish_reason, message }],
        usage: { token_usage: { prompt_tokens: 1, completion_tokens: 1 }, num_llm_calls: 1 },
      },
      ...change,
    });
    const lost = { role: 'assistant', content: '', tool_calls: null };
    const failed = { error_details: { error_message: 'timeout' }, response: {} };
    const documents: Fields[] = [
      ...Array.from({ length: 10 }, (_, n) => natRecord(n, 'stop', said('assistant', `answer ${n}`))),
      ...[20, 21].map((n) => ({ ...natRecord(n, 'tool_calls', lost), id: `lost-${n}` })),
      { ...natRecord(22, 'tool_calls', { ...lost, content: 'One moment.' }), id: 'lost-22' },
      { ...natRecord(23, 'stop', lost, failed), id: 'failed' },
    ];
    const { funnel, samples } = await buildFrom(documents, { workloadId: '<workflow>', clientId: 'nat-app' });
    expect(funnel).toMatchObject({ read: 14, evaluation: 5, training: 5 });
    expect(funnel.rejected.map(({ reason, examples }) => [reason.split(':')[0], examples])).toEqual([
      ['lost-tool-calls', ['lost-20', 'lost-21', 'lost-22']],
      ['failed-call', ['failed']],
    ]);
    for (const { request } of samples.evaluation as EvaluationRow[]) {
      const [, call, result] = request.messages;
      expect(result?.tool_call_id).toMatch(/^chatcmpl-/);
      expect(call?.tool_calls?.map(({ id }) => id)).toEqual([result?.tool_call_id]);
    }
    expect(samples.evaluation).toHaveLength(3);
  });
});
