import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { exported, logRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const lines = (...records: unknown[]) =>
  records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record))).join('\n');

test.each<[string, unknown, Record<string, string>]>([
  ['one record', logRecord(1), {}],
  ['an array', [logRecord(1)], {}],
  ['NDJSON', lines(logRecord(1), ''), NDJSON],
  ['NDJSON as curl sends it', lines(logRecord(1), logRecord(1)), FORM],
  ['a record without a content type', logRecord(1), { 'content-type': '' }],
  ['a gzipped body', gzipSync(JSON.stringify(logRecord(1))), { 'content-encoding': 'gzip' }],
])('%s is not kept', async (_what, body, headers) => {
  const { call, logs } = await aGateway();
  const answer = await call('POST', '/api/logs', body, headers);
  expect(answer).toMatchObject({ status: 200, body: { appended: 1, errors: [] } });
  expect(await exported(logs)).toHaveLength(1);
});

describe('a mistake in one record', () => {
  test('costs the others, or is not named by its place', async () => {
    const { call, logs } = await aGateway();
    const body = lines(logRecord(1), '{"broken', '', { workload_id: 'x' }, logRecord(2), logRecord(1), '7');
    const answer = await call('POST', '/api/logs', body, NDJSON);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      appended: 2,
      duplicates: 1,
      errors: [
        { index: 1, reason: expect.stringMatching(/^line 2: not JSON: /) },
        { index: 2, reason: expect.stringMatching(/client_id/) },
        { index: 5, reason: 'not a JSON object' },
      ],
    });
    expect(await exported(logs)).toHaveLength(2);
  });

  test('of the encoding costs the others', async () => {
    const { call } = await aGateway();
    const body = Buffer.concat([
      Buffer.from(lines(logRecord(1), '{"a":"')),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const answer = await call('POST', '/api/logs', new Uint8Array(body), NDJSON);
    expect(answer.body).toEqual({
      appended: 1,
      duplicates: 0,
      errors: [{ index: 1, reason: 'line 2: not UTF-8 text' }],
    });
  });
});

describe('a body that holds no records', () => {
  test.each<[string, unknown, Record<string, string>, number, unknown]>([
    ['nothing', undefined, {}, 422, [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }]],
    ['no JSON', 'hello', {}, 422, [expect.objectContaining({ type: 'json_invalid', loc: ['body', 0] })]],
    [
      'an array with a comma too many, one record in a line',
      `[\n${lines(logRecord(1))}\n,]`,
      {},
      422,
      [expect.objectContaining({ type: 'json_invalid' })],
    ],
    [
      'an array with a byte of another encoding',
      new Uint8Array(Buffer.from('["\xe9"', 'latin1')),
      {},
      400,
      expect.stringMatching(/UTF-8/),
    ],
    ['an image', 'x', { 'content-type': 'image/png' }, 415, expect.stringMatching(/image\/png/)],
    ['an unknown encoding', 'x', { 'content-encoding': 'zip' }, 415, expect.stringMatching(/encoding/)],
    ['a broken gzip', 'x', { 'content-encoding': 'gzip' }, 400, expect.stringMatching(/decompressed/)],
  ])('%s is accepted, or refused in another form', async (_what, body, headers, status, detail) => {
    const { call } = await aGateway();
    expect(await call('POST', '/api/logs', body, headers)).toMatchObject({ status, body: { detail } });
  });

  test.each([
    ['more than 64 MB', ' '.repeat(65 * 1024 * 1024)],
    ['32 million lines', '1\n'.repeat(32e6)],
    ['32 million numbers', `[${'1,'.repeat(32e6)}1]`],
    ['20 million objects', `[${'{},'.repeat(20e6)}1]`],
    ['one record of 20 million lists', `{"request": [${'[],'.repeat(20e6)}1]}`],
  ])('but unpacks to %s fills the memory', async (_what, content) => {
    const { call, logs } = await aGateway();
    const answer = await call('POST', '/api/logs', gzipSync(content), { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({
      status: 413,
      body: { detail: expect.stringMatching(/send it in several requests/) },
    });
    expect(await logs.workloads()).toEqual([]);
  });
});
