import { expect, test } from 'vitest';
import { Answer } from '../../src/gateway/answer.js';

const AN_HOUR = 3_600_000;

function asked(answer: Answer<number>) {
  let times = 0;
  const ask = () => Promise.resolve((times += 1));
  return (runId: string, historyLength: number) => answer.of({ runId, historyLength }, ask);
}

test('a workflow to which nothing has happened is asked again, or one to which something has is not', async () => {
  const of = asked(new Answer({ heardAt: 0 }));
  expect(await of('first', 3)).toBe(1);
  expect(await of('first', 4)).toBe(2);
  // After a reset.
  expect(await of('second', 4)).toBe(3);
});

test('an answer is good although no worker is heard any more, or no good although others are answered', async () => {
  const life = { heardAt: 0 };
  const of = asked(new Answer(life, AN_HOUR));
  expect([await of('first', 3), await of('first', 3)]).toEqual([1, 1]);
  life.heardAt = Date.now() - 2 * AN_HOUR;
  expect(await of('first', 3)).toBe(2);
  life.heardAt = Date.now() - 2 * AN_HOUR;
  await new Answer(life, AN_HOUR).of({ runId: 'other', historyLength: 1 }, () => Promise.resolve(7));
  expect(await of('first', 3)).toBe(2);
});

test('an answer that did not come is taken for one', async () => {
  const answer = new Answer<number>({ heardAt: 0 }, AN_HOUR);
  const at = { runId: 'first', historyLength: 3 };
  await expect(answer.of(at, () => Promise.reject(new Error('no worker')))).rejects.toThrow('no worker');
  expect(await answer.of(at, () => Promise.resolve(7))).toBe(7);
});
