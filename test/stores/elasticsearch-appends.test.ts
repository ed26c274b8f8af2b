import { Client } from '@elastic/elasticsearch';
import { afterAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import type { Logger } from '../../src/logger.js';
import { openStores } from '../../src/stores/index.js';
import { aLog } from '../support/a-log.js';
import { elasticsearchConfig, exported, logRecord } from '../support/stores.js';

const server = inject('elasticsearch');
const url = 'url' in server ? server.url : 'http://127.0.0.1:9';
const suite = 'url' in server ? 'Elasticsearch' : `Elasticsearch (skipped: ${server.skipped})`;

describe.skipIf('skipped' in server)(suite, () => {
  const client = new Client({ node: url });
  afterAll(() => client.close());

  async function open(logger?: Logger) {
    const config = elasticsearchConfig(url);
    const { logs, close } = await openStores(config, logger);
    const index = config.logIndex;
    onTestFinished(async () => {
      await close();
      const names = [index, `${index}-a`, `${index}-b`, `${index}-new`];
      for (const name of names)
        await client.indices.delete({ index: name, ignore_unavailable: true }).catch(() => undefined);
    });
    return { logs, index, config };
  }

  /** An index that guesses what it is given, as one that nobody has made before. */
  const aGuessingIndex = (index: string, settings = {}) =>
    client.indices.create({
      index,
      settings,
      mappings: {
        properties: {
          ...{
            workload_id: { type: 'keyword' },
            client_id: { type: 'keyword' },
            timestamp: { type: 'date' },
          },
          request: { properties: { note: { type: 'keyword' } } },
        },
      },
    });

  const settings = (index: string, changes: object) =>
    client.indices.putSettings({ index, settings: changes });

  test.each<[string, RegExp, (index: string) => Promise<unknown>, (index: string) => Promise<unknown>]>([
    [
      'that is blocked',
      /cluster_block_exception.*index write/,
      (index) => settings(index, { 'index.blocks.write': true }),
      (index) => settings(index, { 'index.blocks.write': null }),
    ],
    [
      'that is closed',
      /index_closed_exception/,
      (index) => client.indices.close({ index }),
      (index) => client.indices.open({ index }),
    ],
    [
      'without its ingest pipeline',
      /pipeline with id \[absent\] does not exist/,
      (index) => settings(index, { 'index.default_pipeline': 'absent' }),
      (index) => settings(index, { 'index.default_pipeline': null }),
    ],
    [
      'that is an alias of two, neither to be written to',
      /no write index is defined for alias/,
      async (index) => {
        await client.indices.delete({ index });
        for (const name of [`${index}-a`, `${index}-b`])
          await client.indices.create({ index: name, aliases: { [index]: {} } });
      },
      (index) => client.indices.putAlias({ index: `${index}-a`, name: index, is_write_index: true }),
    ],
  ])('an index %s refuses records for ever that it would take later', async (_what, words, spoil, mend) => {
    const { logs, index } = await open();
    await logs.ping();
    await spoil(index);
    const records = [logRecord(1), logRecord(2)];
    await expect(logs.append(records)).rejects.toMatchObject({
      name: 'StoreError',
      retryable: true,
      message: expect.stringMatching(words),
    });
    await mend(index);
    expect(await logs.append(records)).toEqual({ appended: 2, duplicates: 0, errors: [] });
    expect(await exported(logs)).toHaveLength(2);
  });

  test.each([
    ['has another form', { request: { note: { is: 'an object' } } }, {}],
    ['is a text beyond the limit', { request: { note: 'x'.repeat(40_000) } }, {}],
    [
      'has names beyond the limit',
      { request: { a: 1, b: 2, c: 3, d: 4, e: 5 } },
      { 'index.mapping.total_fields.limit': 8 },
    ],
  ])('a record that %s keeps the others from an index that looks into it', async (_what, changes, limits) => {
    const { logs, index } = await open(aLog().logger);
    await aGuessingIndex(index, limits);
    const good = [1, 3].map((n) => logRecord(n, { request: { note: 'short' }, response: 'text' }));
    const [first, last] = good;
    expect(await logs.append([first, logRecord(2, changes), last])).toEqual({
      ...{ appended: 2, duplicates: 0 },
      errors: [{ index: 1, reason: expect.stringMatching(/^Elasticsearch refused it: /) }],
    });
    expect(await exported(logs)).toHaveLength(2);
  });

  const calling = (n: number, args: unknown) =>
    logRecord(n, {
      response: {
        choices: [{ message: { tool_calls: [{ function: { name: 'look_up', arguments: args } }] } }],
      },
    });

  test('nobody hears that an index which NAT has made refuses records, or the one that is advised does, too', async () => {
    const { logger, lines } = aLog();
    const { logs, index, config } = await open(logger);
    await client.index({ index, document: calling(1, { order: 17 }), refresh: true });
    const late = [calling(2, '{"order": 18}')];
    expect(await logs.append(late)).toMatchObject({ appended: 0, errors: [{ index: 0 }] });
    await logs.ping();
    const [{ msg }, ...others] = lines();
    expect([msg, others]).toEqual([expect.stringMatching(`"${index}".*ES_COLLECTION_NAME.*_reindex`), []]);

    const renamed = await openStores({ ...config, logIndex: `${index}-new` }, logger);
    onTestFinished(() => renamed.close());
    await renamed.logs.ping();
    // As _reindex does, a module that the server of the tests is without.
    await client.index({ index: `${index}-new`, document: calling(1, { order: 17 }), refresh: true });
    expect(await renamed.logs.append(late)).toMatchObject({ appended: 1, errors: [] });
    expect(await exported(renamed.logs)).toHaveLength(2);
    expect(lines()).toHaveLength(1);
  });

  test('an index that someone made without a mapping looks into the first record, and refuses another', async () => {
    const { logs, index } = await open();
    await client.indices.create({ index });
    const records = [calling(1, { order: 17 }), calling(2, '{"order": 18}')];
    expect(await logs.append(records)).toEqual({ appended: 2, duplicates: 0, errors: [] });
  });
});
