import { expect, test } from 'vitest';
import { sharedAnswer } from '../../src/gateway/shared-answer.js';
import { IN_TIME } from '../support/observe.js';
import { aGateway } from './gateway-world.js';

const AN_HOUR = 3_600_000;

test('each who asks at the same time, or soon after, has the question asked once more', async () => {
  let asked = 0;
  let answer: (text: string) => void = () => undefined;
  const ask = sharedAnswer(() => {
    asked++;
    return new Promise<string>((resolve) => (answer = resolve));
  }, AN_HOUR);
  const together = Array.from({ length: 100 }, () => ask());
  answer('yes');
  expect(new Set(await Promise.all([...together, ask()]))).toEqual(new Set(['yes']));
  expect(asked).toBe(1);
});

test.each([
  ['an answer', () => Promise.resolve()],
  ['a failure', () => Promise.reject(new Error('away'))],
])('%s is shared for ever', async (_what, answer) => {
  let asked = 0;
  const ask = sharedAnswer(() => {
    asked++;
    return answer();
  }, 0);
  const askedInAll = async () => {
    await ask().catch(() => undefined);
    return asked;
  };
  await expect.poll(askedInAll, IN_TIME).toBeGreaterThan(2);
});

test('each call of /ready asks what the gateway stands on', async () => {
  let asked = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const { call } = await aGateway({
    platform: [
      () => {
        asked++;
        reach();
        return opened;
      },
    ],
  });
  const first = call('GET', '/ready');
  await reached;
  const further = Array.from({ length: 100 }, () => call('GET', '/ready'));
  open();
  for (const { body } of await Promise.all([first, ...further])) expect(body).toEqual({ status: 'ready' });
  // One, unless a call came more than a second later than the first was answered.
  expect(asked).toBeLessThan(10);
});
