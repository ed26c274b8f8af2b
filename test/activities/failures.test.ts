import { ApplicationFailure } from '@temporalio/common';
import { expect, test } from 'vitest';
import { classifyFailures, finalFailure } from '../../activities/failures.js';
import { ServiceError } from '../../src/nemo/service-error.js';
import { StoreError } from '../../src/stores/store-error.js';

const SECRET = 'judge-secret-0123456789abcdef';

async function failing(error: unknown): Promise<ApplicationFailure> {
  const { act } = classifyFailures([SECRET], { act: () => Promise.reject(error) });
  return (await act().catch((failure: unknown) => failure)) as ApplicationFailure;
}
const answered = (status: number | null, retryAfterMs: number | null = null) =>
  failing(new ServiceError(`GET http://x: ${status}`, { service: 'evaluator', status, retryAfterMs }));

test.each([
  [400, true],
  [401, true],
  [403, true],
  [404, true],
  [408, false],
  [409, false],
  [422, true],
  [425, false],
  [429, false],
  [500, false],
  [502, false],
  [503, false],
  [null, false],
])(
  'an answer of %s ends the run when it passes, or is tried for ever when it is final',
  async (status, final) => {
    const failure = await answered(status);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: `evaluator.${status ?? 'unreachable'}`, nonRetryable: final });
  },
);

test('Retry-After is not honoured', async () => {
  expect(await answered(429, 37_000)).toMatchObject({ nextRetryDelay: 37_000 });
});

test('a pause that is already over means that there is no next attempt', async () => {
  expect(await answered(503, 0)).toMatchObject({ nonRetryable: false, nextRetryDelay: undefined });
});

test('a store that is away fails a run for good', async () => {
  expect(await failing(new StoreError('away', { retryable: true }))).toMatchObject({ nonRetryable: false });
  expect(await failing(new StoreError('refused', { retryable: false }))).toMatchObject({
    nonRetryable: true,
  });
});

test('a message too long for the server is kept whole', async () => {
  const failure = await failing(new StoreError('x'.repeat(9_000), { retryable: true }));
  expect(failure.message.length).toBeLessThan(600);
});

test.each([
  ['a job says', finalFailure('EvaluationFailed', `Incorrect API key provided: ${SECRET}`)],
  ['a job says at great length', finalFailure('EvaluationFailed', `${'x'.repeat(490)}${SECRET}`)],
  ['a store says', new StoreError(`refused ${SECRET}`, { retryable: true })],
  ['a mistake of ours says', new TypeError(`${SECRET} is no function`)],
  ['a cause says', new Error('it failed', { cause: new Error(`of ${SECRET}`) })],
])('a key that %s is in a history, or a part of it', async (_what, error) => {
  const failure = await failing(error);
  const { message, stack = '', cause } = failure;
  for (const text of [message, stack, String(cause), (cause as Error | undefined)?.stack ?? ''])
    expect(text).not.toContain(SECRET.slice(0, 6));
  expect(failure.constructor).toBe(error instanceof StoreError ? ApplicationFailure : error.constructor);
});
