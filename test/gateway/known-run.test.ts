import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { longestWaitMs, nothingKnown, noteRecord, readingOf } from '../../src/gateway/known-run.js';
import { runRecord } from '../support/stores.js';

const NOW = Date.parse('2026-01-05T10:00:00Z');

function known(ageMs: number) {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  onTestFinished(() => void vi.useRealTimers());
  return { ...nothingKnown({ heardAt: 0 }), run: runRecord(1), readAt: NOW - ageMs };
}

const look = { begunAt: NOW, found: Promise.resolve(), over: Promise.resolve() };

describe('a reader waits too long for a look at a run, or not for one that is needed', () => {
  test.each([
    ['of now, for another', 1_999, false, 0],
    ['of now, for its own', 1_999, true, 20],
    ['hardly old, for another', 2_000, false, 20],
    ['hardly old, for its own', 3_999, true, 20],
    ['old, for another', 4_000, false, 300],
    ['old, for its own', 4_000, true, 300],
  ])('%s', (_what, ageMs, isOwnLook, waitMs) => {
    expect(longestWaitMs(known(ageMs), isOwnLook)).toBe(waitMs);
  });
});

describe('a document that is not of now says that it is, or the other way round', () => {
  test.each([
    ['just looked at', 1_299, null, null],
    ['looked at long ago', 1_300, null, 1],
    ['being looked at', 700, look, 1],
  ])('%s', (_what, ageMs, current, staleSeconds) => {
    expect(readingOf(runRecord(1), { ...known(ageMs), look: current }).staleSeconds).toBe(staleSeconds);
  });
});

test('an older record of the store takes back what the workflows have said, or an end does not count', () => {
  const answered = known(0);
  const { run } = answered;
  const startedAt = new Date(NOW - 1).toISOString();
  noteRecord(answered, runRecord(2, { status: 'running', finishedAt: null, startedAt }));
  expect(answered.run).toBe(run);
  const newer = runRecord(2, { status: 'running', finishedAt: null, startedAt: new Date(NOW).toISOString() });
  noteRecord(answered, newer);
  expect(answered.run).toBe(newer);
  const ended = runRecord(2, { status: 'failed', finishedAt: '2026-01-05T09:00:00Z' });
  noteRecord(answered, ended);
  expect(answered).toMatchObject({ run: ended, readAt: NOW });
});
