import { expect, test } from 'vitest';
import { bulkOutcome } from '../../src/stores/elasticsearch/bulk-outcome.js';

const item = (status: number, type?: string, reason = 'why') => ({
  ...{ _index: 'logs', status },
  ...(type && { error: { type, reason } }),
});

test.each([
  ['a block', item(403, 'cluster_block_exception')],
  ['a user who may not', item(403, 'security_exception')],
  ['a closed index', item(400, 'index_closed_exception')],
  ['an alias', item(400, 'illegal_argument_exception', 'no write index is defined for alias [logs].')],
  ['a pipeline', item(400, 'illegal_argument_exception', 'pipeline with id [x] does not exist')],
  ['too much at once', item(429, 'es_rejected_execution_exception')],
  ['a mistake of its own', item(500, 'null_pointer_exception')],
  ['a shard that is away', item(503, 'unavailable_shards_exception')],
  ['a shard that is slow', item(504, 'process_cluster_event_timeout_exception')],
])('%s costs a record', (_what, answer) => {
  expect(() => bulkOutcome('logs', answer)).toThrow(
    expect.objectContaining({
      name: 'StoreError',
      retryable: true,
      message: expect.stringMatching(`"logs".*${answer.error?.type}: ${answer.error?.reason.slice(0, 9)}`),
    }),
  );
});

test.each([
  ['nothing', undefined, /status none/],
  ['another status', item(302), /status 302/],
])('a record of which the answer says %s is taken for appended', (_what, answer, words) => {
  expect(() => bulkOutcome('logs', answer)).toThrow(words);
});

test.each([
  ['document_parsing_exception', 'failed to parse field'],
  ['mapper_parsing_exception', 'object mapping tried to parse as object'],
  ['strict_dynamic_mapping_exception', 'introduction of [x] is not allowed'],
  ['illegal_argument_exception', 'Limit of total fields [1000] has been exceeded'],
  ['illegal_argument_exception', 'Document contains at least one immense term in field="x"'],
  ['illegal_argument_exception', "can't merge a non object mapping [a] with an object mapping"],
  ['illegal_argument_exception', 'mapper [a] cannot be changed from type [long] to [text]'],
])('a record that is at fault keeps the others for ever: %s', (type, reason) => {
  expect(bulkOutcome('logs', item(400, type, reason))).toEqual({
    refused: expect.stringContaining(`${type}: ${reason}`),
  });
});

test('a record that is there, or was just added, is not counted as that', () => {
  expect([201, 200, 409].map((status) => bulkOutcome('logs', item(status)))).toEqual([
    'appended',
    'appended',
    'duplicate',
  ]);
});
