import { expect, test } from 'vitest';
import { Answer } from '../../src/gateway/answer.js';

function asked(answer: Answer<number>) {
  let times = 0;
  const ask = () => Promise.resolve((times += 1));
  return (runId: string, historyLength: number) => answer.of({ runId, historyLength }, ask);
}

test('a workflow to which nothing has happened is asked again, or one to which something has is not', async () => {
  const of = asked(new Answer(Infinity));
  expect(await of('first', 3)).toBe(1);
  expect(await of('first', 3)).toBe(1);
  expect(await of('first', 4)).toBe(2);
  // After a reset.
  expect(await of('second', 4)).toBe(3);
});

test('an answer is good for ever', async () => {
  const of = asked(new Answer(0));
  expect([await of('first', 3), await of('first', 3)]).toEqual([1, 2]);
});

test('an answer that did not come is taken for one', async () => {
  const answer = new Answer<number>(Infinity);
  const at = { runId: 'first', historyLength: 3 };
  await expect(answer.of(at, () => Promise.reject(new Error('no worker')))).rejects.toThrow('no worker');
  expect(await answer.of(at, () => Promise.resolve(7))).toBe(7);
});
