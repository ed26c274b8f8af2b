import { expect, test } from 'vitest';
import { Batches } from '../../activities/batches.js';

interface Call {
  key: string;
  items: number[];
  answer: () => void;
  fail: () => void;
}

/** Calls that end when the test says so; each answers with the items times ten. */
function aCounter(longest: number) {
  const calls: Call[] = [];
  const batches = new Batches<number, number>(
    longest,
    (key, items) =>
      new Promise((resolve, reject) =>
        calls.push({
          key,
          items,
          answer: () => resolve(items.map((item) => item * 10)),
          fail: () => reject(new Error(`no answer to ${items.join()}`)),
        }),
      ),
  );
  return { calls, batches };
}

test('what comes while a call is under way is called alone, or answered with what others asked', async () => {
  const { calls, batches } = aCounter(3);
  const all = Promise.all([1, 2, 3, 4, 5].map((item) => batches.add('pool', item)));
  const other = batches.add('another', 6);
  expect(calls.map(({ items }) => items)).toEqual([[1], [6]]);
  calls[0]!.answer();
  await expect.poll(() => calls.length).toBe(3);
  expect(calls[2]).toMatchObject({ key: 'pool', items: [2, 3, 4] });
  calls[2]!.answer();
  await expect.poll(() => calls.length).toBe(4);
  calls[3]!.answer();
  calls[1]!.answer();
  expect(await all).toEqual([10, 20, 30, 40, 50]);
  expect(await other).toBe(60);
});

test('a call that fails takes those of the next along, or nobody is called any more', async () => {
  const { calls, batches } = aCounter(3);
  const [first, second] = [batches.add('pool', 1), batches.add('pool', 2)];
  calls[0]!.fail();
  await expect(first).rejects.toThrow('no answer to 1');
  await expect.poll(() => calls.length).toBe(2);
  calls[1]!.answer();
  expect(await second).toBe(20);
  const third = batches.add('pool', 3);
  await expect.poll(() => calls.length).toBe(3);
  calls[2]!.answer();
  expect(await third).toBe(30);
});
