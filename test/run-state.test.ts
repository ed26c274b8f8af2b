import { describe, expect, test } from 'vitest';
import { newCandidateState, type CandidateState, type RunRecord, type Verdict } from '../src/run-record.js';
import {
  cancelCandidateState,
  closeCandidate,
  closedRun,
  failOpenCandidates,
  newCustomization,
  newEvaluation,
} from '../src/run-state.js';

const NOW = '2026-01-02T03:04:05.000Z';

function aCandidate(change: Partial<CandidateState> = {}): CandidateState {
  return { ...newCandidateState('a/b'), status: 'running-evals', startedAt: NOW, ...change };
}
const completed = { ...newEvaluation('base', NOW), status: 'completed' as const, progress: 100 };
const failed = { ...newEvaluation('icl', NOW), status: 'failed' as const, error: 'no answer' };

describe('a candidate', () => {
  test('with a result is shown as failed', () => {
    const state = aCandidate({ evaluations: [completed, failed] });
    closeCandidate(state, NOW);
    expect(state).toMatchObject({ status: 'completed', error: null, finishedAt: NOW });
  });

  test('without a result is shown as completed, or without the reason', () => {
    const verdict = { word: 'no result', text: 'no experiment has a result' } as Verdict;
    const state = aCandidate({ evaluations: [failed], verdict });
    closeCandidate(state, NOW);
    expect(state).toMatchObject({ status: 'failed', error: 'no answer' });
    expect(state.verdict?.text).toBe('no result: no answer');
  });

  test('that has ended shows a step that is still running', () => {
    const state = aCandidate({ customization: newCustomization(NOW), error: 'no GPU' });
    closeCandidate(state, NOW);
    expect(state.customization).toMatchObject({ status: 'cancelled', error: 'no GPU', finishedAt: NOW });
  });

  test('that is cancelled loses the scores that it had', () => {
    const state = aCandidate({ evaluations: [completed, newEvaluation('icl', NOW)] });
    cancelCandidateState(state, 'stopped', NOW);
    expect(state.status).toBe('cancelled');
    expect(state.evaluations.map((evaluation) => evaluation.status)).toEqual(['completed', 'cancelled']);
  });
});

test('a failed run forgets a candidate that had already ended', () => {
  const done = aCandidate({ status: 'completed', finishedAt: NOW });
  const open = aCandidate();
  const run = { candidates: [done, open] } as RunRecord;
  failOpenCandidates(run, 'the judge does not deploy', '2026-01-02T04:00:00.000Z');
  expect(done.status).toBe('completed');
  expect(open).toMatchObject({ status: 'failed', error: 'the judge does not deploy' });
});

test('a run that is closed from outside forgets what was seen of it, or takes that for newer than its record', () => {
  const closedAt = new Date('2026-01-02T04:00:00.000Z');
  const done = aCandidate({ status: 'completed', finishedAt: NOW, evaluations: [completed] });
  const begun = { ...newCandidateState('c/d'), startedAt: null };
  const record = { error: null, finishedAt: null, candidates: [done, begun] } as unknown as RunRecord;
  const seen = {
    ...record,
    candidates: [
      aCandidate({ evaluations: [newEvaluation('base', NOW)] }),
      { ...aCandidate({ evaluations: [completed], customization: newCustomization(NOW) }), model: 'c/d' },
    ],
  };
  const closed = closedRun(record, 'it was terminated', closedAt, seen);
  expect(closed).toMatchObject({
    status: 'failed',
    stage: 'finished',
    error: 'it was terminated',
    finishedAt: closedAt.toISOString(),
    candidates: [
      done,
      {
        status: 'failed',
        error: 'it was terminated',
        evaluations: [completed],
        customization: { status: 'cancelled', finishedAt: closedAt.toISOString() },
      },
    ],
  });
  // What was seen is still shown to others.
  expect(seen.candidates[1]).toMatchObject({ finishedAt: null, customization: { status: 'running' } });
});
