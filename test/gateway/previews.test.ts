import { expect, test } from 'vitest';
import { Previews } from '../../src/gateway/previews.js';

/** Work that ends when its signal is aborted, and not before. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

/** Work that hears of nothing. */
const never = () => new Promise<never>(() => undefined);

test('a preview takes as long as it likes, or is ended without saying what else to do', async () => {
  const previews = new Previews({ most: 1, limitMs: 1 });
  const late = {
    status: 503,
    headers: { 'Retry-After': '5' },
    detail: expect.stringMatching(/not built within 0\.001 s.*`flywheel datasets`/),
  };
  await expect(previews.run(new AbortController().signal, untilAborted)).rejects.toMatchObject(late);
  await expect(previews.run(new AbortController().signal, never)).rejects.toMatchObject(late);
});

test('one preview more than allowed is built, or the place of one that ended is not free', async () => {
  const previews = new Previews({ most: 2, limitMs: 60_000 });
  const first = new AbortController();
  const running = previews.run(first.signal, untilAborted);
  const second = previews.run(new AbortController().signal, untilAborted);
  const asked = () => previews.run(new AbortController().signal, () => Promise.resolve('built'));
  await expect(asked()).rejects.toMatchObject({ status: 429, headers: { 'Retry-After': '10' } });
  first.abort(new Error('gone'));
  await expect(running).rejects.toThrow('gone');
  expect(await asked()).toBe('built');
  previews.stop();
  await expect(second).rejects.toMatchObject({ status: 503 });
});
