import { once } from 'node:events';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readLogItems } from '../../src/gateway/log-intake/log-items.js';
import { StoreError } from '../../src/stores/store-error.js';
import { IN_TIME } from '../support/observe.js';
import { exported, logRecord } from '../support/stores.js';
import { aGateway } from './gateway-world.js';
import { aRoute, aSlowRequest, NDJSON, quickStore, records } from './log-route.js';

describe('a body that is still coming', () => {
  test('is stored only at its end', async () => {
    const { url, logs } = await aGateway();
    const { write, end, answered } = aSlowRequest(`${url}/api/logs`);
    for (const record of records(600)) write(`${record}\n`);
    await expect
      .poll(() => logs.count({ workloadId: 'checkout', clientId: 'shop', since: 0 }), IN_TIME)
      .toMatchObject({ all: 500 });
    end();
    await answered;
    expect(await exported(logs)).toHaveLength(600);
  });

  test('is held in memory while the store is slow', async () => {
    let bytes = 0;
    let store: () => void = () => undefined;
    const stored = new Promise<void>((resolve) => (store = resolve));
    const append = async (items: readonly unknown[]) => {
      await stored;
      return { appended: items.length, duplicates: 0, errors: [] };
    };
    const { url } = await aRoute({ append });
    const sending = request(url, { method: 'POST', headers: NDJSON });
    onTestFinished(() => void sending.destroy());
    const line = `${JSON.stringify(logRecord(1, { request: 'x'.repeat(100_000) }))}\n`;
    // More than sockets hold; what is not taken stays with the sender.
    while (bytes < 60_000_000 && sending.write(line)) bytes += line.length;
    for (; bytes < 60_000_000; bytes += line.length) sending.write(line);
    // It has had time to take all, if it does.
    for (let i = 0; i < 200; i++) await (await fetch(url)).text();
    expect(sending.writableLength).toBeGreaterThan(30_000_000);
    store();
    const answered = once(sending, 'response');
    sending.end();
    await answered;
  });
});

describe('a body that breaks', () => {
  const good = records(700).join(',\n');

  test.each<[string, string, number | null]>([
    ['in an item', `[${good},\n{"a": tru},\n${records(1).join()}]`, good.length + 3],
    ['behind its array', `[${good}] x`, good.length + 3],
    ['with an item that is missing', `[${good},,{}]`, good.length + 2],
    ['before its end', `[${good},{"a": [1`, null],
    ['by another bracket', `[${good}}`, good.length + 1],
  ])('%s loses what came before, or does not say where', async (_where, body, at) => {
    const { call, logs } = await aGateway();
    const answer = await call('POST', '/api/logs', body);
    expect(answer).toMatchObject({ status: 422, body: { duplicates: 0, errors: [] } });
    expect(answer.body.detail).toMatchObject([{ type: 'json_invalid', loc: ['body', expect.any(Number)] }]);
    if (at !== null) {
      const said = answer.body.detail[0].loc[1];
      expect(said).toBeGreaterThanOrEqual(at);
      expect(said).toBeLessThan(at + 12);
    }
    expect(await exported(logs)).toHaveLength(answer.body.appended);
    expect(answer.body.appended).toBeGreaterThanOrEqual(699);
  });

  test.each([
    ['in an item', '[{"a": "é😀€"},\n{"é😀": "€", x}]'],
    ['in its only item', '\ufeff {"a": "é😀€", x}'],
    ['in its last line', '{"a": "é😀€", y}\n{"a": "é😀€" x}'],
    ['behind its array', '[{"a": "é😀€"}] x'],
    ['in an item that begins with a mark', '[{"a": "é😀€"},\ufeff{"é😀": "€", x}]'],
    ['in an item that does not end', '[{"a": "é😀€"},{"é😀": "€", x'],
  ])('%s says at another byte than that', async (_where, body) => {
    const { call } = await aRoute(quickStore);
    const answer = await call(body);
    const at = Buffer.byteLength(body.slice(0, body.search(/[xy]/)));
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', at]]);
  });

  test('because it is too large loses what came before', async () => {
    const { call, logs } = await aGateway();
    const body = gzipSync(`${records(3).join('\n')}\n${' '.repeat(65 * 1024 * 1024)}`);
    const answer = await call('POST', '/api/logs', body, { ...NDJSON, 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 413, body: { appended: 3, duplicates: 0, errors: [] } });
    expect(await exported(logs)).toHaveLength(3);
  });

  test('in its compression loses what came before', async () => {
    const { call, logs } = await aGateway();
    const packed = gzipSync(records(20_000).join('\n'));
    const answer = await call('POST', '/api/logs', packed.subarray(0, -4_000), {
      ...NDJSON,
      'content-encoding': 'gzip',
    });
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/decompressed/) } });
    expect(answer.body.appended).toBeGreaterThan(10_000);
    expect(await exported(logs)).toHaveLength(answer.body.appended);
  });

  test('keeps a sender that sends all first from its answer', async () => {
    const { url } = await aRoute(quickStore);
    const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } });
    onTestFinished(() => void sending.on('error', () => undefined).destroy());
    const answered = once(sending, 'response');
    sending.write('[1}');
    // More than sockets hold.
    await new Promise<void>((resolve) => sending.end(Buffer.alloc(30_000_000, ' '), resolve));
    expect((await answered)[0]).toMatchObject({ statusCode: 422 });
  });

  test('by the store is answered as if nothing, or all, was kept', async () => {
    let calls = 0;
    const append = (items: readonly unknown[]) =>
      ++calls === 1
        ? Promise.resolve({ appended: items.length, duplicates: 0, errors: [] })
        : Promise.reject(new StoreError('The store is away.', { retryable: true }));
    const { call } = await aRoute({ append });
    const answer = await call(records(1200).join('\n'), NDJSON);
    expect(answer).toMatchObject({ status: 503, body: { detail: 'The store is away.', appended: 500 } });
    expect(answer.headers.get('retry-after')).toBe('5');
  });
});

test('a whole number of many digits is altered', async () => {
  const { call, logs } = await aGateway();
  const id = '9007199254740993123';
  const texts = [`{"id": ${id}, "text": "${id}"}`, `{"id": 9007199254740993124, "text": "${id}"}`].map(
    (request) => JSON.stringify(logRecord(1, { request: 'HERE' })).replace('"HERE"', request),
  );
  expect((await call('POST', '/api/logs', `[${texts.join()}]`)).body).toMatchObject({ appended: 2 });
  const kept: string[] = [];
  for await (const { bytes } of logs.export({ workloadId: 'checkout', clientId: 'shop' }))
    kept.push(Buffer.from(bytes).toString());
  expect(kept.join()).toContain(`"id":${id},"text":"${id}"`);
  expect(kept.join()).toContain('"id":9007199254740993124');
});

test('a name that is a long number is taken for a text', async () => {
  const { call } = await aGateway();
  const body = JSON.stringify(logRecord(1, { client_id: 'HERE' })).replace('"HERE"', '9007199254740993123');
  expect((await call('POST', '/api/logs', body)).body.errors).toMatchObject([
    { reason: expect.stringMatching(/client_id/) },
  ]);
});

async function itemsOf(body: Buffer, cuts: number[], type: string) {
  const ends = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  const chunks = [...ends, body.length].map((end, i) => body.subarray(ends[i - 1] ?? 0, end));
  const items: unknown[] = [];
  async function* coming() {
    yield* chunks;
  }
  for await (const item of readLogItems(coming(), type))
    items.push('value' in item ? item.value : item.reason);
  return items;
}

test('where a body is cut into chunks, and how it is printed, changes what is read', async () => {
  const values = fc.array(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()), {
    minLength: 1,
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(
      values,
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.constantFrom(undefined, 1),
      async (given, cuts, space) => {
        const expected: unknown = JSON.parse(JSON.stringify(given));
        const array = Buffer.from(JSON.stringify(given, null, space));
        expect(await itemsOf(array, cuts, 'application/json')).toEqual(expected);
        const lines = Buffer.from(given.map((value) => JSON.stringify(value)).join('\r\n'));
        expect(await itemsOf(lines, cuts, 'application/x-ndjson')).toEqual(expected);
        const one = Buffer.from(JSON.stringify({ given }, null, space));
        expect(await itemsOf(one, cuts, 'application/json')).toEqual([{ given: expected }]);
      },
    ),
  );
});
