import { CancelledFailure } from '@temporalio/activity';
import { expect, test, vi } from 'vitest';
import type { JobProgress } from '../../activities/contract.js';
import { NOTHING_KNOWN, poll, type Reading, watchedBefore } from '../../activities/poll.js';
import { ServiceError } from '../../src/nemo/service-error.js';
import { anActivityEnvironment, type ActivityInfo } from '../support/activity-environment.js';
import { IN_TIME } from '../support/observe.js';

const PATIENCE = { pollMs: 1, stallMs: 30_000 };

const going = (status: string, percent: number | null = null): Reading<never> => ({
  done: false,
  progress: { externalId: 'cust-1', uri: 'http://x', status, ...NOTHING_KNOWN, percent },
});
const over: Reading<string> = { done: true, value: 'over' };
const answered = (status: number | null, more: { retryAfterMs?: number; misfit?: boolean } = {}) =>
  new ServiceError(`GET http://x: ${status}: no`, { service: 'customizer', status, ...more });

/** A wait that reads what the test says, one thing after the other; the last is read for ever. */
function aWait(readings: (Reading<string> | Error)[], patience = PATIENCE, info: ActivityInfo = {}) {
  const warnings: string[] = [];
  const environment = anActivityEnvironment(info, (message) => warnings.push(message));
  const beats: unknown[] = [];
  environment.on('heartbeat', (beat: unknown) => beats.push(beat));
  let at = 0;
  const result = environment.run(() =>
    poll('training', patience, () => {
      const reading = readings[Math.min(at++, readings.length - 1)] ?? over;
      return reading instanceof Error ? Promise.reject(reading) : Promise.resolve(reading);
    }),
  );
  return { environment, result, beats, warnings, reads: () => at };
}

const statusOf = (beat: unknown) => (beat as JobProgress | undefined)?.status;

test('a wait ends before its job, or its progress is not told', async () => {
  const { result, beats } = aWait([going('created'), going('running', 50), over]);
  await expect(result).resolves.toBe('over');
  expect(beats.map(statusOf)).toEqual(['created', 'running']);
});

test.each([
  ['no answer', answered(null)],
  ['a page that is not JSON', answered(200)],
  ['408', answered(408)],
  ['429', answered(429)],
  ['500', answered(500)],
  ['502', answered(502)],
  ['503', answered(503)],
])('%s ends a wait', async (_what, error) => {
  await expect(aWait([going('running'), error, error, over]).result).resolves.toBe('over');
});

test.each([
  ['401', answered(401)],
  ['404', answered(404)],
  ['an answer that does not fit', answered(200, { misfit: true })],
])('%s is waited on', async (_what, error) => {
  await expect(aWait([going('running'), error, over]).result).rejects.toBe(error);
});

test('a word that nobody knows ends a wait, or is not logged, or as often as it is read', async () => {
  const words = ['created', 'hibernating', 'hibernating', 'waiting for a-model', 'resuming', 'running'];
  const { result, beats, warnings } = aWait([...words.map((word) => going(word)), over]);
  await expect(result).resolves.toBe('over');
  expect(beats.map(statusOf)).toEqual(words);
  expect(warnings).toEqual([
    'training: unknown status hibernating; waiting on',
    'training: unknown status resuming; waiting on',
  ]);
});

test('a job without a sign of life is waited for without end, or nobody learns what was heard last', async () => {
  const patience = { pollMs: 1, stallMs: 20 };
  await expect(aWait([going('pending')], patience).result).rejects.toMatchObject({
    type: 'Stalled',
    nonRetryable: true,
    message: expect.stringMatching(/^training: no sign of life for \d+ s; last heard: status pending$/),
  });
  await expect(aWait([answered(503)], patience).result).rejects.toThrow(
    /last heard: GET http:\/\/x: 503: no$/,
  );
});

test('a job that moves slowly is given up', async () => {
  const steps = Array.from({ length: 60 }, (_, step) => going('running', step));
  const { result } = aWait([...steps, over], { pollMs: 5, stallMs: 250 });
  await expect(result).resolves.toBe('over');
});

test('a service that asks for a pause is asked again at once', async () => {
  const began = Date.now();
  await aWait([answered(503, { retryAfterMs: 120 }), over]).result;
  expect(Date.now() - began).toBeGreaterThanOrEqual(115);
});

test('an answer that is slow, or that failed, makes a worker look dead or a job look lost', async () => {
  const environment = anActivityEnvironment({ heartbeatTimeoutMs: 15 });
  const beats: unknown[] = [];
  environment.on('heartbeat', (beat: unknown) => beats.push(beat));
  let reading = 0;
  const result = environment.run(() =>
    poll('training', PATIENCE, async () => {
      if (++reading === 1) return going('running', 50);
      if (reading === 2) throw answered(503);
      await vi.waitUntil(() => beats.length > 4, IN_TIME);
      return over;
    }),
  );
  await expect(result).resolves.toBe('over');
  expect(new Set(beats.map(statusOf))).toEqual(new Set(['running']));
});

test('a cancellation is not heard between two readings', async () => {
  const { environment, result, reads } = aWait([going('running')], { pollMs: 3_600_000, stallMs: 1e9 });
  const ended = expect(result).rejects.toThrow(CancelledFailure);
  await vi.waitUntil(() => reads() > 0);
  environment.cancel();
  await ended;
  expect(reads()).toBe(1);
});

test('a cancellation does not reach a request under way', async () => {
  const environment = anActivityEnvironment();
  const asked = vi.fn();
  const result = environment.run(() =>
    poll('training', PATIENCE, (signal) => {
      asked();
      return new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    }),
  );
  const ended = expect(result).rejects.toThrow(CancelledFailure);
  await vi.waitUntil(() => asked.mock.calls.length > 0);
  environment.cancel();
  await ended;
});

test.each([
  ['a job', { externalId: 'cust-1', status: 'running' }, 'cust-1'],
  ['no job yet', { externalId: '' }, null],
  ['nothing', undefined, null],
  ['something else', { records: 100 }, null],
])('an attempt after one that was watching %s resumes wrongly', async (_what, heartbeatDetails, expected) => {
  const environment = anActivityEnvironment({ heartbeatDetails });
  expect(await environment.run(() => Promise.resolve(watchedBefore()))).toBe(expected);
});
