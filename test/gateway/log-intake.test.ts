import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { Intake } from '../../src/gateway/log-intake/intake.js';
import { IN_TIME } from '../support/observe.js';
import { logRecord } from '../support/stores.js';
import { aRoute, aSlowRequest, NDJSON, quickStore, records } from './log-route.js';

/** A store that takes nothing before `go`; what it has been given so far. */
function aWaitingStore() {
  const given: (readonly unknown[])[] = [];
  let go: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (go = resolve));
  const append = async (items: readonly unknown[]) => {
    given.push(items);
    await gone;
    return { appended: items.length, duplicates: 0, errors: [] };
  };
  return { append, given, go };
}

describe('too much at once', () => {
  const batch = records(500).join('\n');

  test.each([
    ['requests', { requests: 2, bytes: 1e9 }],
    ['bytes', { requests: 100, bytes: 2 * batch.length }],
  ])('by %s is taken, or never again', async (_what, limits) => {
    const store = aWaitingStore();
    const { url, call } = await aRoute(store, new Intake(limits));
    const open = [0, 1].map(() => aSlowRequest(url, { ...NDJSON, 'content-length': String(batch.length) }));
    for (const { write } of open) write(batch);
    await expect.poll(() => store.given.length, IN_TIME).toBe(2);
    const refused = await call(records(1).join(), NDJSON);
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: expect.stringMatching(/send it again/) },
    });
    expect(refused.headers.get('retry-after')).toBe('1');
    store.go();
    for (const { end, answered } of open) {
      end();
      expect((await answered)[0]).toMatchObject({ statusCode: 200 });
    }
    expect(await call(records(1).join(), NDJSON)).toMatchObject({ status: 200, body: { appended: 1 } });
  });

  test('is held by bodies that come together', async () => {
    const intake = new Intake({ requests: 100, bytes: 8e6 });
    let [most, stored] = [0, 0];
    const append = async (items: readonly unknown[]) => {
      most = Math.max(most, intake.held);
      await new Promise(setImmediate);
      stored += items.length;
      return { appended: items.length, duplicates: 0, errors: [] };
    };
    const { call } = await aRoute({ append }, intake);
    const long = JSON.stringify(logRecord(1, { request: 'x'.repeat(100_000) }));
    const body = Array.from({ length: 30 }, () => long).join('\n');
    const answers = await Promise.all(Array.from({ length: 12 }, () => call(body, NDJSON)));
    expect(most).toBeGreaterThan(3e6);
    expect(most).toBeLessThanOrEqual(8e6);
    for (const { status, body } of answers)
      expect([status, status === 200 ? body.appended : 0]).toEqual(status === 200 ? [200, 30] : [429, 0]);
    expect(answers.reduce((sum, { body }) => sum + (body.appended ?? 0), 0)).toBe(stored);
    expect(intake.held).toBe(0);
    expect(await call(body, NDJSON)).toMatchObject({ status: 200, body: { appended: 30 } });
  });
});

test('what is stored is still held', async () => {
  const intake = new Intake();
  const { url } = await aRoute(quickStore, intake);
  const { write, end, answered } = aSlowRequest(url);
  const long = JSON.stringify(logRecord(1, { request: 'x'.repeat(100_000) }));
  // A batch, and one more.
  for (let bytes = 0; bytes < 4_050_000; bytes += long.length) write(`${long}\n`);
  await expect.poll(() => intake.held, IN_TIME).toBeGreaterThan(0);
  // With the line ends before and behind it.
  await expect.poll(() => intake.held, IN_TIME).toBe(long.length + 2);
  end();
  expect((await answered)[0]).toMatchObject({ statusCode: 200 });
  expect(intake.held).toBe(0);
});

describe('slow senders', () => {
  test('keep another out, before there is anything of them to hold', async () => {
    const intake = new Intake();
    const { url, call } = await aRoute(quickStore, intake);
    const slow = Array.from({ length: 8 }, () => aSlowRequest(url));
    for (const { write } of slow) write('{');
    await expect.poll(() => intake.held, IN_TIME).toBe(8);
    expect(await call(records(1).join(), NDJSON)).toMatchObject({ status: 200, body: { appended: 1 } });
    for (const { write, end, answered } of slow) {
      write(records(1).join().slice(1));
      end();
      expect((await answered)[0]).toMatchObject({ statusCode: 200 });
    }
  });

  test('keep another out that needs their memory, or lose more than the slowest has to', async () => {
    const intake = new Intake({ requests: 100, bytes: 8_100_000 });
    const { url, call } = await aRoute(quickStore, intake);
    const long = JSON.stringify(logRecord(1, { request: 'x'.repeat(1_000_000) }));
    const body = `${records(1).join()}\n${long}`;
    const slow: ReturnType<typeof aSlowRequest>[] = [];
    for (let n = 1; n <= 8; n++) {
      const one = aSlowRequest(url, { ...NDJSON, 'content-length': String(body.length) });
      one.write(body.slice(0, 1_000_000));
      slow.push(one);
      await expect.poll(() => intake.held, IN_TIME).toBe(n * 1_000_000);
    }
    expect(await call(long, NDJSON)).toMatchObject({ status: 200, body: { appended: 1 } });
    const [slowest, ...others] = slow;
    const [refused] = (await slowest?.answered) as [IncomingMessage];
    expect(refused).toMatchObject({ statusCode: 429, headers: { 'retry-after': '1' } });
    expect(await json(refused)).toMatchObject({
      detail: expect.stringMatching(/without pauses/),
      // What came whole is kept.
      ...{ appended: 1, duplicates: 0, errors: [] },
    });
    for (const { write, end, answered } of others) {
      write(body.slice(1_000_000));
      end();
      expect((await answered)[0]).toMatchObject({ statusCode: 200 });
    }
  });

  test('lose a body though it holds next to nothing, and another has the memory', async () => {
    const intake = new Intake({ requests: 100, bytes: 1_500_000 });
    const { url, call } = await aRoute(quickStore, intake);
    const long = JSON.stringify(logRecord(1, { request: 'x'.repeat(1_000_000) }));
    const short = records(1).join();
    const [idle, large] = [short.length, long.length + 1].map((length) =>
      aSlowRequest(url, { ...NDJSON, 'content-length': String(length) }),
    );
    idle?.write('{');
    await expect.poll(() => intake.held, IN_TIME).toBe(1);
    large?.write(long);
    await expect.poll(() => intake.held, IN_TIME).toBe(1 + long.length);
    expect(await call(long, NDJSON)).toMatchObject({ status: 200, body: { appended: 1 } });
    expect((await large?.answered)?.[0]).toMatchObject({ statusCode: 429 });
    idle?.write(short.slice(1));
    idle?.end();
    expect((await idle?.answered)?.[0]).toMatchObject({ statusCode: 200 });
  });

  test('lose their bodies in vain, where the store holds the memory', async () => {
    const store = aWaitingStore();
    const batch = `${records(500).join('\n')}\n`;
    const intake = new Intake({ requests: 100, bytes: batch.length + 1_000 });
    const { url, call } = await aRoute(store, intake);
    const short = records(1).join();
    const [stored, idle] = [batch.length, short.length].map((length) =>
      aSlowRequest(url, { ...NDJSON, 'content-length': String(length) }),
    );
    stored?.write(batch);
    await expect.poll(() => store.given.length, IN_TIME).toBe(1);
    idle?.write('{');
    await expect.poll(() => intake.held, IN_TIME).toBe(batch.length + 1);
    const refused = await call(batch, NDJSON);
    expect(refused).toMatchObject({
      status: 429,
      body: { detail: expect.stringMatching(/More is coming in/) },
    });
    store.go();
    idle?.write(short.slice(1));
    for (const one of [stored, idle]) {
      one?.end();
      expect((await one?.answered)?.[0]).toMatchObject({ statusCode: 200 });
    }
  });

  test('keep another out by their number', async () => {
    const intake = new Intake({ requests: 2, bytes: 1e9 });
    const { url, call } = await aRoute(quickStore, intake);
    const slow: ReturnType<typeof aSlowRequest>[] = [];
    for (let n = 1; n <= 2; n++) {
      slow.push(aSlowRequest(url));
      slow.at(-1)?.write('{');
      await expect.poll(() => intake.held, IN_TIME).toBe(n);
    }
    expect(await call(records(1).join(), NDJSON)).toMatchObject({ status: 200, body: { appended: 1 } });
    expect((await slow[0]?.answered)?.[0]).toMatchObject({ statusCode: 429 });
    slow[1]?.write(records(1).join().slice(1));
    slow[1]?.end();
    expect((await slow[1]?.answered)?.[0]).toMatchObject({ statusCode: 200 });
  });
});
