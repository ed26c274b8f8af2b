import zlib, { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toRecord } from '../../src/proxy/to-record.js';
import { answered, asked } from './proxy-world.js';

const bytesOf = (body: unknown) =>
  body instanceof Uint8Array
    ? new Uint8Array(body)
    : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

const recordOf = (
  request: unknown,
  answer: unknown,
  changes: { type?: string; isWhole?: boolean; encoding?: string } = {},
) =>
  toRecord({
    clientId: 'c',
    workloadId: 'w',
    sessionId: null,
    atMs: 1_700_000_000_000,
    request: { bytes: bytesOf(request), encoding: '' },
    answer: { bytes: bytesOf(answer), encoding: '', type: 'application/json', isWhole: true, ...changes },
  });

const SSE = { type: 'text/event-stream; charset=utf-8' };
const DONE = 'data: [DONE]\n\n';
const said = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] })}\n\n`;

test.each<[string, unknown, unknown, object, object]>([
  ['cut', asked(1), answered(1), { isWhole: false }, { skipped: 'cut' }],
  ['cut', asked(1), said, { ...SSE, isWhole: false }, { skipped: 'cut' }],
  ['cut', asked(1), said, SSE, { skipped: 'cut' }],
  [
    'cut',
    asked(1),
    gzipSync(said).subarray(0, 40),
    { ...SSE, isWhole: false, encoding: 'gzip' },
    { skipped: 'cut' },
  ],
  ['failed', asked(1), `data: {"error": {"message": "x"}}\n\n${DONE}`, SSE, { skipped: 'failed' }],
  ['unreadable', 'hello', answered(1), {}, { skipped: 'unreadable' }],
  [
    'unreadable',
    { input: 'x' },
    answered(1),
    {},
    { skipped: 'unreadable', why: 'the request has no messages' },
  ],
  [
    'unreadable',
    asked(1),
    { object: 'list' },
    {},
    { skipped: 'unreadable', why: 'the answer has no choices' },
  ],
  ['unreadable', asked(1), '<html>', {}, { skipped: 'unreadable' }],
  [
    'unreadable',
    asked(1),
    answered(1),
    { encoding: 'compress' },
    { skipped: 'unreadable', why: expect.stringMatching(/compress/) },
  ],
  ['unreadable', asked(1), `data: x\n\n${DONE}`, SSE, { skipped: 'unreadable' }],
])('an answer is logged that is %s', (_reason, request, answer, changes, expected) => {
  expect(recordOf(request, answer, changes)).toMatchObject(expected);
});

test('a caller that goes away after the end of a stream loses its record', () => {
  expect(recordOf(asked(1), said + DONE, { ...SSE, isWhole: false })).toHaveProperty('json');
});

type Pack = (text: string) => Uint8Array;
const { zstdCompressSync }: Pick<typeof zlib, 'gzipSync'> & { zstdCompressSync?: typeof gzipSync } = zlib;

test.each<[string, Pack]>([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ...(zstdCompressSync ? [['zstd', zstdCompressSync] satisfies [string, Pack]] : []),
])('an answer that is packed with %s is not read', (encoding, pack) => {
  const record = recordOf(asked(1), pack(JSON.stringify(answered(1))), { encoding });
  expect(JSON.parse('json' in record ? record.json : '')).toMatchObject({ response: answered(1) });
});

test('a record is of several lines, or has other digits than what was sent', () => {
  const request =
    '{\r\n  "seed": 9007199254740993123,\n "messages": [{"role": "user", "content": "a\\nb"}]}\n';
  const record = recordOf(request, JSON.stringify(answered(1), null, 2));
  const json = 'json' in record ? record.json : '';
  expect(json).not.toMatch(/[\r\n]/);
  expect(json).toContain('9007199254740993123');
  expect(JSON.parse(json)).toMatchObject({
    timestamp: 1_700_000_000_000,
    client_id: 'c',
    workload_id: 'w',
    request: { messages: [{ content: 'a\nb' }] },
    response: answered(1),
  });
});
