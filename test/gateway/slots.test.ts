import { expect, test } from 'vitest';
import { Slots } from '../../src/gateway/slots.js';

test('more refreshes than allowed run at once, or one that fails keeps its slot', async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const work = (n: number) => () => {
    begun.push(n);
    return new Promise<void>((resolve, reject) =>
      ends.push(n === 0 ? () => reject(new Error('no')) : resolve),
    );
  };
  const all = Promise.allSettled([0, 1, 2, 3].map((n) => slots.use(work(n))));
  expect(begun).toEqual([0, 1]);
  ends[0]!();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[1]!();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends.forEach((end) => end());
  expect((await all).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
