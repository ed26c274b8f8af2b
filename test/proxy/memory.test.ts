import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CapturedBody } from '../../src/proxy/captured-body.js';
import { Memory } from '../../src/proxy/memory.js';
import { IN_TIME } from '../support/observe.js';
import { aProxy, aStreamingUpstream, asked, begun, chunk } from './proxy-world.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const LONG = chunk('x'.repeat(9_000));
const END = chunk('', 'stop');

test('what passes holds more memory than it may, or is altered, lost uncounted, or lost though there is room again', async () => {
  const upstream = await aStreamingUpstream();
  // For one of the answers, and no other.
  const world = await aProxy(upstream.url, undefined, { memory: new Memory(32_000) });
  const ask = (n: number) => begun(world.url, JSON_TYPE, JSON.stringify(asked(n)));
  const first = await ask(1);
  upstream.answers[0]?.write(LONG);
  await once(first, 'data');

  const second = await ask(2);
  upstream.answers[1]?.end(LONG + END);
  expect(await text(second)).toBe(LONG + END);
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({ records: { waiting: 0, dropped: 1 }, dropped_by_reason: { memory: 1, spool_full: 0 } });

  upstream.answers[0]?.end(END);
  await text(first);
  await expect.poll(() => world.proxy.status(), IN_TIME).toMatchObject({ records: { waiting: 1 } });
  const third = await ask(3);
  upstream.answers[2]?.end(LONG + END);
  await text(third);
  await expect
    .poll(() => world.proxy.status(), IN_TIME)
    .toMatchObject({ records: { waiting: 2, dropped: 1 } });
});

test('a body is not what has passed, or its memory is not given back', () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(lengths, (given) => {
      const memory = new Memory(2 ** 21);
      const body = new CapturedBody(memory);
      const chunks = given.map((length, n) => Buffer.alloc(length, n));
      for (const one of chunks) body.add(one);
      expect([body.isDropped, body.isTooLong]).toEqual([false, false]);
      // `toEqual` takes seconds for as many bytes.
      expect(Buffer.compare(body.bytes(), Buffer.concat(chunks))).toBe(0);
      body.release();
      expect(memory.take(2 ** 21)).toBe(true);
    }),
  );
});

test('a body for which there is no memory keeps some', () => {
  const memory = new Memory(10_000);
  const body = new CapturedBody(memory);
  for (let n = 0; n < 5; n++) body.add(Buffer.alloc(3_000));
  expect(body.isDropped).toBe(true);
  expect(memory.take(10_000)).toBe(true);
});
