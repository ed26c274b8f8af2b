import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allEnded } from '../../src/datasets/all-ended.js';

test('a failure is told while another task is still at work', async () => {
  let isAtWork = true;
  const slow = setImmediate().then(() => void (isAtWork = false));
  await expect(allEnded([Promise.reject(new Error('no room')), slow])).rejects.toThrow('no room');
  expect(isAtWork).toBe(false);
});

test('results come in another order than their tasks', async () => {
  expect(await allEnded([setImmediate('a'), Promise.resolve(2)])).toEqual(['a', 2]);
});
