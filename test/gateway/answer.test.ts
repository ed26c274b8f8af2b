import { expect, test } from 'vitest';
import { Answer, waitsToBegin } from '../../src/gateway/answer.js';

const AN_HOUR = 3_600_000;

/** Asked of a workflow at so many events, with a task in an attempt, or none, of whose tasks so many were completed since. */
function asked(answer: Answer<number>) {
  let times = 0;
  const ask = () => Promise.resolve((times += 1));
  return (runId: string, historyLength: number, { hasTask = false, completed = 0, attempt = 1 } = {}) => {
    const raw = { pendingWorkflowTask: hasTask ? { attempt } : null };
    const completedSince = () => Promise.resolve(completed);
    return answer.of({ runId, historyLength, raw }, { ask, completedSince });
  };
}

test('a workflow to which nothing has happened is asked again, or one to which something has is not', async () => {
  const of = asked(new Answer({ heardAt: 0 }, AN_HOUR));
  expect(await of('first', 3)).toBe(1);
  expect(await of('first', 4)).toBe(2);
  // After a reset.
  expect(await of('second', 4)).toBe(3);
});

test('a workflow whose task waits for a worker is asked, or its answer outlives the task, or hides that it failed', async () => {
  const of = asked(new Answer({ heardAt: 0 }, AN_HOUR));
  expect(await of('first', 3)).toBe(1);
  expect(await of('first', 5, { hasTask: true })).toBe(1);
  expect(await of('first', 9, { hasTask: true, completed: 1 })).toBe(2);
  // The answer came after the task that it had.
  expect(await of('first', 14, { hasTask: true, completed: 1 })).toBe(2);
  expect(await of('first', 19, { hasTask: true, completed: 2 })).toBe(3);
  expect(await of('second', 19, { hasTask: true, completed: 1 })).toBe(4);
  expect(await of('second', 22, { hasTask: true, completed: 1, attempt: 2 })).toBe(5);
});

test('an answer is good although no worker is heard any more, or no good although others are answered', async () => {
  const life = { heardAt: 0 };
  const of = asked(new Answer(life, AN_HOUR));
  expect([await of('first', 3), await of('first', 3)]).toEqual([1, 1]);
  life.heardAt = Date.now() - 2 * AN_HOUR;
  expect(await of('first', 3)).toBe(2);
  life.heardAt = Date.now() - 2 * AN_HOUR;
  expect(await of('first', 5, { hasTask: true })).toBe(3);
  life.heardAt = Date.now() - 2 * AN_HOUR;
  await asked(new Answer(life, AN_HOUR))('other', 1);
  expect(await of('first', 5, { hasTask: true, completed: 0 })).toBe(3);
});

test('an answer that did not come is taken for one', async () => {
  const answer = new Answer<number>({ heardAt: 0 }, AN_HOUR);
  const at = { runId: 'first', historyLength: 3, raw: {} };
  const completedSince = () => Promise.resolve(0);
  const ask = () => Promise.reject(new Error('no worker'));
  await expect(answer.of(at, { ask, completedSince })).rejects.toThrow('no worker');
  expect(await answer.of(at, { ask: () => Promise.resolve(7), completedSince })).toBe(7);
});

test('a workflow that no worker has taken up is asked, or one that may have nobody to take it up is not', () => {
  const now = { heardAt: Date.now() };
  expect(waitsToBegin({ historyLength: 2 }, now, AN_HOUR)).toBe(true);
  expect(waitsToBegin({ historyLength: 3 }, now, AN_HOUR)).toBe(false);
  expect(waitsToBegin({ historyLength: 2 }, { heardAt: 0 }, AN_HOUR)).toBe(false);
});
